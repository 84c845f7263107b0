"""A user's own stack: `outlast.yaml` names its Compose files and says what each service is for."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from outlast.errors import FormatError, nearest
from outlast.placed_yaml import Complaint, PlacedYaml, complaints, names_in, read_placed
from outlast.stacks.own_rules import ExperimentRules, Limit, LoadRules, Rules, Waiver
from outlast.stacks.stack import Role, StoreKind

Port = Annotated[int, Field(ge=1, le=65535)]


@dataclass(frozen=True, slots=True)
class OwnStack:
    """A Compose project of the user's. `files`: its own, unedited; `roles`: what we know of it beside them."""

    name: str
    files: tuple[Path, ...]
    driver: str
    allow: tuple[str, ...]
    """Irreversible faults that the user consents to, by name."""
    attach: str | None
    """The name of the project if it runs already and is to be harmed where it stands; None: one of ours is started."""
    roles: dict[str, Any]
    """A Compose overlay that holds nothing but `x-outlast` and the ports to publish on 127.0.0.1."""
    rules: Rules
    front: dict[str, Any] = field(default_factory=dict)
    """How the app is asked for at its door: the fields of a `drivers.front.Front`."""

    def write_overlay(self, folder: Path) -> tuple[Path, ...]:
        """The files to give to Compose: the user's, and our overlay, which is written into the run's folder.

        As JSON, which every YAML reader takes alike: a service named 08 is text in one version of YAML, not in another.
        """
        overlay = folder / "stack" / "roles.yaml"
        overlay.parent.mkdir(parents=True, exist_ok=True)
        overlay.write_text(json.dumps(self.roles, indent=1), encoding="utf-8")
        return (*self.files, overlay)


class _Service(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: Role
    kind: StoreKind | None = None
    port: Port | None = None


class _Tls(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ca: str | None = None
    verify: bool = True


class _Door(BaseModel):
    model_config = ConfigDict(extra="forbid")

    service: str
    port: Port
    host: str | None = Field(default=None, pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$")
    """The name that users ask for: Host header, SNI, cookies."""
    tls: _Tls | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    compose: list[str] = Field(min_length=1)
    door: _Door
    services: dict[str, _Service] = Field(min_length=1)
    driver: str | None = None
    recipe: Any = None
    """Its own model is the drivers': `drivers/recipe.py`."""
    allow: list[str] = []
    attach: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9_-]*$")
    load: LoadRules = LoadRules()
    gates: dict[str, Limit | None] = {}
    experiments: dict[str, ExperimentRules] = {}
    waivers: list[Waiver] = []

    @model_validator(mode="after")
    def _says_how_to_speak(self) -> Self:
        if (self.driver is None) == (self.recipe is None):
            raise ValueError("say one of driver (module:Class, or lab) and recipe")
        if self.door.service not in self.services:
            known = nearest(self.door.service, self.services)
            raise ValueError(f"door.service names {self.door.service!r}, which is not under services{known}")
        return self


def read_own(path: Path) -> OwnStack:
    """`outlast.yaml` -> stack. Raises FormatError with the place of the first thing that is wrong in it."""
    placed = read_placed(path)
    wrong, described = _described(placed)
    if described is None or wrong:
        more = f" (and {len(wrong) - 1} more: `outlast validate` tells all)" if len(wrong) > 1 else ""
        raise FormatError(placed.source, wrong[0].line, f"{wrong[0].what}{more}.")
    return OwnStack(
        name=described.name,
        files=_files(path, described),
        driver=described.driver or f"recipe in {path.resolve()}",
        allow=tuple(described.allow),
        attach=described.attach,
        roles=_overlay(described),
        front=_front(path, described.door),
        rules=Rules(described.load.given, described.gates, described.experiments, tuple(described.waivers)),
    )


def _front(path: Path, door: _Door) -> dict[str, Any]:
    ca = door.tls.ca if door.tls else None
    return {
        "host": door.host or "",
        "tls": door.tls is not None,
        "ca": str((path.parent / ca).resolve()) if ca else None,
        "verify": door.tls.verify if door.tls else True,
    }


def _overlay(described: _File) -> dict[str, Any]:
    services: dict[str, Any] = {}
    for name, service in described.services.items():
        ours: dict[str, Any] = {"role": service.role.value}
        port = described.door.port if name == described.door.service else service.port
        if service.kind is not None:
            ours["kind"] = service.kind.value
        if port is not None:
            ours["port"] = port
        services[name] = {"x-outlast": ours}
        if port is not None:
            services[name]["ports"] = [f"127.0.0.1::{port}"]
    return {
        "x-outlast": {"door": {"service": described.door.service, "port": described.door.port}},
        "services": services,
    }


def complaints_about(placed: PlacedYaml) -> list[Complaint]:
    """All that is wrong in the file but for what its recipe says."""
    return _described(placed)[0]


def _described(placed: PlacedYaml) -> tuple[list[Complaint], _File | None]:
    try:
        described = _File.model_validate(placed.values)
    except (ValidationError, RecursionError) as error:
        if isinstance(error, RecursionError):
            return [Complaint(1, 1, "the file holds itself")], None
        return complaints(error, placed, frozenset(names_in(schema()))), None
    wrong = []
    for number, file in enumerate(_files(Path(placed.source), described)):
        if not file.is_file():
            wrong.append(Complaint(*placed.place_of(("compose", number)), f"compose names {file}, which is no file"))
    ca = _front(Path(placed.source), described.door)["ca"]
    if ca is not None and not Path(ca).is_file():
        wrong.append(Complaint(*placed.place_of(("door", "tls", "ca")), f"door.tls.ca names {ca}, which is no file"))
    return wrong, described


def _files(path: Path, described: _File) -> tuple[Path, ...]:
    return tuple((path.parent / name).resolve() for name in described.compose)


def schema() -> dict[str, Any]:
    """JSON schema of the file, for editors, with whatever a recipe may be."""
    return _File.model_json_schema()

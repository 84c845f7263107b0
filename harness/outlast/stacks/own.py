"""A user's own stack: `outlast.yaml` names its Compose files and says what each service is for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from outlast.errors import FormatError
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


class _Door(BaseModel):
    model_config = ConfigDict(extra="forbid")

    service: str
    port: Port


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    compose: list[str] = Field(min_length=1)
    door: _Door
    services: dict[str, _Service] = Field(min_length=1)
    driver: str
    allow: list[str] = []
    attach: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9_-]*$")


def read_own(path: Path) -> OwnStack:
    """`outlast.yaml` -> stack. Raises FormatError that names the file and what is wrong in it."""
    try:
        tree = yaml.safe_load(path.read_text())
        described = _File.model_validate(tree)
    except OSError as error:
        raise FormatError(str(path), None, f"cannot be read ({error.strerror}).") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise FormatError(str(path), mark.line + 1 if mark else None, f"is not YAML ({_first(error)}).") from error
    except (ValidationError, UnicodeDecodeError, RecursionError) as error:
        raise FormatError(str(path), None, _told(error)) from error
    files = tuple((path.parent / name).resolve() for name in described.compose)
    for file in files:
        if not file.is_file():
            raise FormatError(str(path), None, f"compose names {file}, which is no file.")
    return OwnStack(
        name=described.name,
        files=files,
        driver=described.driver,
        allow=tuple(described.allow),
        attach=described.attach,
        roles=_overlay(described),
    )


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
    return {"x-outlast": {"door": described.door.model_dump()}, "services": services}


def _told(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return _first(error)
    faults = (f"{'.'.join(map(str, e['loc'])) or 'the file'}: {e['msg'].lower()}" for e in error.errors())
    return "; ".join(faults) + "."


def _first(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__

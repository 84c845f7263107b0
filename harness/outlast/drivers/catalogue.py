"""Every driver by its name; a user's own is named `module:Class`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, cast

from outlast.drivers.driver import Driver
from outlast.drivers.lab import LabDriver
from outlast.errors import UnknownName, UsageError
from outlast.history.operation import Kind

DRIVERS: Final[Mapping[str, Callable[[], Driver]]] = MappingProxyType({LabDriver.name: LabDriver})


def driver_named(name: str) -> Driver:
    """Name or `module:Class` -> driver. Raises UsageError that says what is wrong with the name or the class."""
    module, colon, attribute = name.partition(":")
    if colon:
        return _imported(name, module, attribute)
    if name not in DRIVERS:
        raise UnknownName("driver", name, DRIVERS)
    return DRIVERS[name]()


def _imported(name: str, module: str, attribute: str) -> Driver:
    try:
        make = getattr(importlib.import_module(module), attribute)
        driver = make()
    except Exception as error:  # the user's code may raise anything
        raise UsageError(
            f"The driver {name!r} cannot be loaded ({type(error).__name__}: {error}); "
            "name it module:Class, with a class that is made without arguments."
        ) from error
    missing = [part for part in ("name", "session_cookie", "can", "perform") if not hasattr(driver, part)]
    if missing:
        raise UsageError(f"The driver {name!r} lacks {', '.join(missing)}; see outlast/drivers/driver.py.")
    lacks = [kind.value for kind in (Kind.LOGIN, Kind.READ) if kind not in driver.can]
    if lacks:
        raise UsageError(f"The driver {name!r} cannot {' and '.join(lacks)}; without that no session can be followed.")
    return cast(Driver, driver)

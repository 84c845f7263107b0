"""Every driver by its name; a user's own is named `module:Class`, or is a recipe in a file."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, cast

from pydantic import ValidationError

from outlast.drivers.driver import Driver
from outlast.drivers.lab import LabDriver
from outlast.drivers.recipe import Recipe
from outlast.drivers.recipe_driver import RecipeDriver
from outlast.errors import FormatError, UnknownName, UsageError
from outlast.history.operation import Kind
from outlast.placed_yaml import Complaint, PlacedYaml, complaints, names_in, read_placed

RECIPE_IN: Final = "recipe in "
"""Before the path of an outlast.yaml that holds a recipe."""
DRIVERS: Final[Mapping[str, Callable[[], Driver]]] = MappingProxyType({LabDriver.name: LabDriver})


def driver_named(name: str) -> Driver:
    """Name or `module:Class` -> driver. Raises UsageError that says what is wrong with the name or the class."""
    if name.startswith(RECIPE_IN):
        return recipe_driver_of(Path(name.removeprefix(RECIPE_IN)))
    module, colon, attribute = name.partition(":")
    if colon:
        return _imported(name, module, attribute)
    if name not in DRIVERS:
        raise UnknownName("driver", name, DRIVERS)
    return DRIVERS[name]()


def recipe_driver_of(file: Path) -> Driver:
    """`outlast.yaml` -> the driver that its recipe makes. Raises FormatError with line and column."""
    placed = read_placed(file)
    recipe = _recipe(placed)
    if not isinstance(recipe, Recipe):
        raise FormatError(placed.source, recipe[0].line, f"{recipe[0].what}.")
    return RecipeDriver(recipe, file.parent)


def complaints_about_recipe(placed: PlacedYaml) -> list[Complaint]:
    """All that is wrong in the recipe of an outlast.yaml, and nothing where it has none."""
    if not isinstance(placed.values, dict) or placed.values.get("recipe") is None:
        return []
    recipe = _recipe(placed)
    if not isinstance(recipe, Recipe):
        return recipe
    try:
        RecipeDriver(recipe, Path(placed.source).parent)
    except FormatError as error:  # the file of accounts
        return [Complaint(*placed.place_of(("recipe", "accounts", "csv")), f"recipe.accounts.csv: {error}")]
    return []


_NAMES: Final = frozenset(names_in(Recipe.model_json_schema(by_alias=True)))


def _recipe(placed: PlacedYaml) -> Recipe | list[Complaint]:
    described = placed.values.get("recipe") if isinstance(placed.values, dict) else None
    try:
        return Recipe.model_validate(described)
    except ValidationError as error:
        return complaints(error, placed, _NAMES, ("recipe",))
    except RecursionError:
        return [Complaint(*placed.place_of(("recipe",)), "recipe: it holds itself")]


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

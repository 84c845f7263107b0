"""A YAML file whose values know where they stand, so that whoever finds one wrong can say line and column."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from outlast.errors import FormatError, nearest

NODES_MOST = 20_000
"""More than this is no configuration, but an alias of an alias of an alias."""
Place = tuple[int, int]
"""Line and column, both from 1."""
Way = tuple[str | int, ...]
"""Keys and positions from the top: ("services", "web", "port")."""


@dataclass(frozen=True, slots=True)
class PlacedYaml:
    """A file's values, and the place of each."""

    source: str
    values: Any
    places: dict[Way, Place]

    def place_of(self, way: Sequence[str | int]) -> Place:
        """Where a value stands; of what is absent, where it is missing from."""
        found = tuple(way)
        while found not in self.places:
            found = found[:-1]
        return self.places[found]


def read_placed(path: Path) -> PlacedYaml:
    """File -> values with places. Raises FormatError, with the line, for what cannot be read or is no YAML."""
    source = str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise FormatError(source, None, f"cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise FormatError(source, line, "is not UTF-8.") from error
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        told = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise FormatError(source, mark.line + 1 if mark else 1, f"is not YAML ({told}).") from error
    except (ValueError, RecursionError, OverflowError, TypeError, AttributeError) as error:
        # a date such as 2026-13-45 or a number of a million digits: the loader's own constructors refuse it
        raise FormatError(source, 1, f"holds what YAML cannot mean ({type(error).__name__}: {error}).") from error
    places: dict[Way, Place] = {(): (1, 1)}
    if node is not None:
        _walk(node, (), places, source)
    return PlacedYaml(source, values, places)


def _walk(root: yaml.Node, at: Way, places: dict[Way, Place], source: str) -> None:
    waiting = [(root, at)]
    while waiting:
        node, way = waiting.pop()
        if len(places) > NODES_MOST:
            raise FormatError(source, node.start_mark.line + 1, f"holds more than {NODES_MOST} values.")
        places.setdefault(way, (node.start_mark.line + 1, node.start_mark.column + 1))
        if isinstance(node, yaml.MappingNode):
            for key, child in node.value:
                name = (*way, str(key.value))
                # of a value on a line of its own the key's place is where one looks
                places[name] = (key.start_mark.line + 1, key.start_mark.column + 1)
                waiting.append((child, name))
        elif isinstance(node, yaml.SequenceNode):
            waiting.extend((child, (*way, number)) for number, child in enumerate(node.value))


@dataclass(frozen=True, slots=True, order=True)
class Complaint:
    """One thing that is wrong: where, and what would be right."""

    line: int
    column: int
    what: str


def complaints(
    error: ValidationError, placed: PlacedYaml, names: Collection[str] = (), at: Way = ()
) -> list[Complaint]:
    """A model's refusal of what stands at `at` -> all that is wrong in it, in the order of the file. names: those that
    the models know, to guess at what was meant."""
    found = []
    for one in error.errors(include_url=False, include_context=True):
        way = (*at, *(part for part in one["loc"] if isinstance(part, str | int)))
        line, column = placed.place_of(way)
        found.append(Complaint(line, column, f"{_named(way)}: {_said(one, names)}"))
    return sorted(set(found))


def _named(way: Way) -> str:
    return ".".join(str(part) for part in way) or "the file"


def _said(one: Any, names: Collection[str]) -> str:
    """pydantic's words, without its prefix, and with the guess that it does not make."""
    kind, told = one["type"], str(one["msg"]).removeprefix("Value error, ")
    if kind == "extra_forbidden":
        return f"nobody knows this name{nearest(str(one['loc'][-1]), names)}"
    if kind == "missing":
        return "is missing"
    if kind in ("enum", "literal_error") and isinstance(one["input"], str):
        known = re.findall(r"'([^']*)'", told)
        return f"{one['input']!r} is none of {', '.join(known)}{nearest(one['input'], known)}"
    shown = repr(one["input"])
    told = told[:1].lower() + told[1:]
    return told if kind == "value_error" or len(shown) > 60 else f"{told}; it is {shown}"


def names_in(schema: Any) -> Iterator[str]:
    """A JSON schema -> every name of a property in it."""
    if isinstance(schema, dict):
        properties = schema.get("properties")
        yield from properties if isinstance(properties, dict) else ()
        for child in schema.values():
            yield from names_in(child)
    elif isinstance(schema, list):
        for child in schema:
            yield from names_in(child)

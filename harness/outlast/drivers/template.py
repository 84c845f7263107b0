"""Texts with places to fill: `/users/{user}/cart`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

PLACE: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def names_in(value: Any) -> Iterator[str]:
    """Every name that a text, or the texts in a JSON value, ask for."""
    if isinstance(value, str):
        yield from PLACE.findall(value)
    elif isinstance(value, Mapping):
        for key, child in value.items():
            yield from names_in(key)
            yield from names_in(child)
    elif isinstance(value, list | tuple):
        for child in value:
            yield from names_in(child)


def filled(text: str, known: Mapping[str, str]) -> str:
    """A text with its places filled; raises KeyError for a name that nobody knows."""
    return PLACE.sub(lambda match: known[match[1]], text)


def filled_path(text: str, known: Mapping[str, str]) -> str:
    """The same of a path: what is filled in is quoted, and so cannot lead anywhere else."""
    return PLACE.sub(lambda match: quote(known[match[1]], safe=""), text)


def filled_json(value: Any, known: Mapping[str, str]) -> Any:
    """The same of all texts in a JSON value."""
    if isinstance(value, str):
        return filled(value, known)
    if isinstance(value, Mapping):
        return {filled(str(key), known): filled_json(child, known) for key, child in value.items()}
    if isinstance(value, list):
        return [filled_json(child, known) for child in value]
    return value

"""Some lines' fields -> columns, field by field; those that no line tells are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np

from outlast.history.columns import (
    ABSENT,
    COOKIES,
    JARS,
    KINDS,
    NEVER,
    NONE_YET,
    OUTCOMES,
    SCOPES,
    SEEN,
    VIAS,
    Ints,
    Stream,
)
from outlast.history.interning import Interned
from outlast.history.operation import VIA_BALANCER, VIA_REPLICA, VIA_STORE, Kind

TABLES: Final = {
    "sessions": ("session",),
    "tokens": ("value",),
    "attempts": ("attempt", "effects"),
    "users": ("user",),
    "nodes": ("replica", "via_node"),
    "boots": ("boot",),
    "builds": ("build",),
    "paths": ("path",),
}
"""Table of strings -> the columns that hold positions in it."""

_CODES: Final[dict[str, dict[str | None, int]]] = {
    "op": {kind.value: code for code, kind in enumerate(KINDS)},
    "outcome": {outcome.value: code for code, outcome in enumerate(OUTCOMES)},
    "seen": {seen and seen.value: code for code, seen in enumerate(SEEN)},
    "scope": {None: 0, **{scope.value: code for code, scope in enumerate(SCOPES)}},
    "cookie": {None: 0, **{cookie.value: code for code, cookie in enumerate(COOKIES)}},
    "jar": {None: 0, **{jar.value: code for code, jar in enumerate(JARS)}},
}
_NUMBERS: Final = {
    "client": 0,
    "invoked_ns": 0,
    "returned_ns": NEVER,
    "intended_ns": NEVER,
    "counter": ABSENT,
    "status": 0,
    "effects_offset": 0,
}
"""Columns of numbers, and what stands for one that a line does not tell."""
UNSAID: Final[dict[str, tuple[int, type[np.generic]]]] = {
    **dict.fromkeys(("kind", "outcome", "seen", "scope", "cookie", "jar", "via"), (0, np.uint8)),
    **dict.fromkeys(("session", "user", "via_node", "replica", "boot", "build", "path"), (ABSENT, np.int32)),
    **dict.fromkeys(("client", "invoked_ns", "intended_ns", "effects_start", "effects_offset"), (0, np.int64)),
    **dict.fromkeys(("value", "counter", "attempt"), (ABSENT, np.int64)),
    "returned_ns": (NEVER, np.int64),
    "effects_count": (ABSENT, np.int32),
    "status": (0, np.int16),
}
"""Column -> what stands in it where no line tells it, and its type."""
_OF_STREAMS: Final = ("from_offset", "to_offset", "cut", "digest")


class BadVia(ValueError):
    """A `via` that is neither balancer, store nor replica:NAME."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Operations in a row: arrays by the names of `Columns`, those left out that no line tells; all rows from 0."""

    count: int
    arrays: dict[str, np.ndarray[Any, Any]]
    streams: dict[int, Stream]


def joined(pieces: Sequence[Piece]) -> Piece:
    """Pieces whose strings are numbered alike -> one; a column that none of them tells stays left out.

    They lose their arrays to it, one by one, so that never all are in memory twice. Cost: O(n).
    """
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    for name in {name for piece in pieces for name in piece.arrays if name != "effects"}:
        unsaid, kind = UNSAID[name]
        parts = [piece.arrays.pop(name, np.broadcast_to(kind(unsaid), piece.count)) for piece in pieces]
        arrays[name] = np.concatenate(parts, dtype=kind, casting="same_kind")
    logs = [piece.arrays.get("effects", np.zeros(0, np.int64)) for piece in pieces]
    if "effects_start" in arrays:
        before = np.cumsum([0, *(len(log) for log in logs)])[:-1]
        arrays["effects_start"] += np.repeat(before, [piece.count for piece in pieces])
        arrays["effects"] = np.concatenate(logs)
    streams: dict[int, Stream] = {}
    count = 0
    for piece in pieces:
        streams.update({count + row: stream for row, stream in piece.streams.items()})
        count += piece.count
    return Piece(count, arrays, streams)


def empty_tables() -> dict[str, Interned]:
    """A table of strings for each of TABLES, with what a value that is no string stands for."""
    tables = {table: Interned() for table in TABLES}
    tables["tokens"] = Interned({None: NONE_YET, msgspec.UNSET: ABSENT})
    return tables


def piece_of(told: dict[str, list[Any]], tables: dict[str, Interned]) -> Piece:
    """Name of a field -> its values, line by line -> Piece; strings are added to the tables. Raises BadVia.

    Cost: O(n), a pass per field that any line tells.
    """
    count = len(told["op"])
    if not count:
        return Piece(0, {}, {})
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    told = {name: values for name, values in told.items() if name == "value" or _is_told(values)}
    for name, codes in _CODES.items():
        if name in told:
            arrays["kind" if name == "op" else name] = np.fromiter(map(codes.__getitem__, told[name]), np.uint8, count)
    for name, absent in _NUMBERS.items():
        if name in told:
            arrays[name] = _numbers(told[name], absent)
    if "intended_ns" in arrays:
        unsaid = arrays["intended_ns"] == NEVER
        arrays["intended_ns"][unsaid] = arrays["invoked_ns"][unsaid]
    else:
        arrays["intended_ns"] = arrays["invoked_ns"]
    for table, names in TABLES.items():
        for name in names:
            if name in told and name != "effects":
                arrays[name] = tables[table].positions(told[name], count)
    if "effects" in told:
        arrays |= _effects(told["effects"], tables["attempts"])
    if "via" in told:
        arrays |= _via(told["via"], tables["nodes"])
    streams = {}
    for row in np.flatnonzero(arrays["kind"] == KINDS.index(Kind.STREAM)).tolist():
        streams[row] = Stream(*(told[name][row] if name in told else None for name in _OF_STREAMS))
    return Piece(count, arrays, streams)


def _is_told(values: list[Any]) -> bool:
    return bool(values) and (values[0] is not None or values.count(None) < len(values))


def _numbers(told: list[int | None], absent: int) -> Ints:
    return np.array([absent if n is None else n for n in told] if None in told else told, np.int64)


def _via(told: list[str | None], nodes: Interned) -> dict[str, np.ndarray[Any, Any]]:
    kinds, node = np.zeros(len(told), np.uint8), np.full(len(told), ABSENT, np.int64)
    for row, via in enumerate(told):
        if via in (None, VIA_BALANCER):
            continue
        if via == VIA_STORE:
            kinds[row] = VIAS.index(VIA_STORE)
        elif via is not None and via.startswith(VIA_REPLICA):
            kinds[row], node[row] = VIAS.index(VIA_REPLICA), nodes.position(via.removeprefix(VIA_REPLICA))
        else:
            raise BadVia
    return {"via": kinds, "via_node": node}


def _effects(told: list[list[str] | None], attempts: Interned) -> dict[str, np.ndarray[Any, Any]]:
    """The logs end to end, where each begins, and how long each is (ABSENT: none told)."""
    length = np.array([len(log or ()) for log in told], np.int64)
    return {
        "effects": np.array([attempts.position(effect) for log in told if log for effect in log], np.int64),
        "effects_start": np.cumsum(length) - length,
        "effects_count": np.array([ABSENT if log is None else len(log) for log in told], np.int64),
    }

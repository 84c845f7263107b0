"""A block of lines -> columns with string tables of its own: what each process of the reader does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

import msgspec
import numpy as np

from outlast.errors import FormatError
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
    Columns,
    Ints,
    Stream,
)
from outlast.history.interchange_line import FIELDS, LINE_DECODER, LINES_DECODER, as_tuple
from outlast.history.interning import Interned
from outlast.history.operation import VIA_BALANCER, VIA_REPLICA, VIA_STORE, Kind, Outcome

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
_OK: Final = OUTCOMES.index(Outcome.OK)
_WRITE: Final = KINDS.index(Kind.WRITE)


@dataclass(frozen=True, slots=True)
class Block:
    """Some operations in a row: arrays by the names of `Columns`, string tables, streams by row; all rows from 0."""

    arrays: dict[str, np.ndarray[Any, Any]]
    names: dict[str, list[str]]
    streams: dict[int, Stream]

    def __len__(self) -> int:
        return int(self.arrays["kind"].shape[0])


def block_of(source: str, first_line: int, text: bytes) -> Block:
    """Whole lines -> Block. Raises FormatError with the number of the first bad line. Cost: O(n), some 2 us a line."""
    try:
        lines = LINES_DECODER.decode_lines(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _first_error(source, first_line, text) from None
    values: Sequence[Sequence[Any]] = list(zip(*map(as_tuple, lines), strict=True)) or [()] * len(FIELDS)
    try:
        block = _columns(dict(zip(FIELDS, values, strict=True)), len(lines))
    except (UnicodeEncodeError, _BadVia):
        raise _first_error(source, first_line, text) from None
    if _impossible(block).any():
        raise _first_error(source, first_line, text)
    return block


class _BadVia(ValueError):
    """A `via` that is neither balancer, store nor replica:NAME."""


def _columns(told: dict[str, Sequence[Any]], count: int) -> Block:
    tables = {table: Interned() for table in TABLES}
    tokens = tables["tokens"]
    values = told["value"]
    if msgspec.UNSET in values or None in values:
        tokens.update({msgspec.UNSET: ABSENT, None: NONE_YET})  # type: ignore[dict-item]
    effects, starts, counts = _effects(told["effects"], tables["attempts"])
    via, via_node = _via(told["via"], tables["nodes"])
    invoked = np.array(told["invoked_ns"], np.int64)
    arrays: dict[str, np.ndarray[Any, Any]] = {
        **{name if name != "op" else "kind": _coded(name, told[name]) for name in _CODES},
        "via": via,
        "session": tables["sessions"].positions(told["session"], count),
        "client": np.array(told["client"], np.int64),
        "invoked_ns": invoked,
        "returned_ns": _told(told["returned_ns"], NEVER, count),
        "intended_ns": _times(told["intended_ns"], invoked),
        "value": tokens.positions(values, count),
        "counter": _told(told["counter"], ABSENT, count),
        "user": tables["users"].positions(told["user"], count),
        "via_node": via_node,
        "replica": tables["nodes"].positions(told["replica"], count),
        "boot": tables["boots"].positions(told["boot"], count),
        "build": tables["builds"].positions(told["build"], count),
        "attempt": tables["attempts"].positions(told["attempt"], count),
        "status": _told(told["status"], 0, count),
        "path": tables["paths"].positions(told["path"], count),
        "effects_start": starts,
        "effects_count": counts,
        "effects_offset": _told(told["effects_offset"], 0, count),
        "effects": effects,
    }
    streams = {
        row: Stream(told["from_offset"][row], told["to_offset"][row], told["cut"][row], told["digest"][row])
        for row in np.flatnonzero(arrays["kind"] == KINDS.index(Kind.STREAM)).tolist()
    }
    return Block(arrays, {name: table.names for name, table in tables.items()}, streams)


def _coded(name: str, told: Sequence[str | None]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.fromiter(map(_CODES[name].__getitem__, told), np.uint8, len(told))


def _told(told: Sequence[int | None], absent: int, count: int) -> Ints:
    if None not in told:
        return np.array(told, np.int64)
    return np.fromiter((absent if number is None else number for number in told), np.int64, count)


def _times(told: Sequence[int | None], otherwise: Ints) -> Ints:
    times = _told(told, NEVER, len(told))
    return np.where(times == NEVER, otherwise, times)


def _via(told: Sequence[str | None], nodes: Interned) -> tuple[np.ndarray[Any, np.dtype[np.uint8]], Ints]:
    kinds, node = np.zeros(len(told), np.uint8), np.full(len(told), ABSENT, np.int64)
    if set(told) <= {None, VIA_BALANCER}:
        return kinds, node
    for row, via in enumerate(told):
        if via in (None, VIA_BALANCER):
            continue
        if via == VIA_STORE:
            kinds[row] = VIAS.index(VIA_STORE)
        elif via is not None and via.startswith(VIA_REPLICA):
            kinds[row], node[row] = VIAS.index(VIA_REPLICA), nodes[via.removeprefix(VIA_REPLICA)]
        else:
            raise _BadVia
    return kinds, node


def _effects(told: Sequence[list[str] | None], attempts: Interned) -> tuple[Ints, Ints, Ints]:
    """The logs end to end, where each begins, and how long each is (ABSENT: none told)."""
    if set(map(type, told)) <= {type(None)}:
        return np.zeros(0, np.int64), np.zeros(len(told), np.int64), np.full(len(told), ABSENT, np.int64)
    counts = np.array([ABSENT if log is None else len(log) for log in told], np.int64)
    flat = [attempts[effect] for log in told if log for effect in log]
    starts = np.array(list(accumulate((len(log or ()) for log in told), initial=0))[:-1], np.int64)
    return np.array(flat, np.int64), starts, counts


def _impossible(block: Block) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which rows no recorder can have written."""
    arrays = block.arrays
    backwards = arrays["returned_ns"] < arrays["invoked_ns"]
    unanswered = (arrays["outcome"] == _OK) & (arrays["returned_ns"] == NEVER)
    tokenless = (arrays["kind"] == _WRITE) & (arrays["value"] < 0)
    bad: np.ndarray[Any, np.dtype[np.bool_]] = backwards | unanswered | tokenless
    return bad


def _first_error(source: str, first_line: int, text: bytes) -> FormatError:
    for number, line in enumerate(text.split(b"\n"), start=first_line):
        if line.strip() and (wrong := _wrong_with(line)):
            return FormatError(source, number, wrong)
    return FormatError(source, first_line, "cannot be read as lines of JSON.")


def _wrong_with(line: bytes) -> str | None:
    try:
        read = LINE_DECODER.decode(line)
        _columns(dict(zip(FIELDS, ((value,) for value in as_tuple(read)), strict=True)), 1)
    except _BadVia:
        return f"via must be balancer, store or replica:NAME, not {read.via!r:.80}."
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        return f"not an operation ({error})."
    if read.returned_ns is not None and read.returned_ns < read.invoked_ns:
        return f"returned_ns {read.returned_ns} is before invoked_ns {read.invoked_ns}."
    if read.outcome == "ok" and read.returned_ns is None:
        return "an ok operation must have a returned_ns."
    if read.op == "write" and not isinstance(read.value, str):
        return "a write must tell its value, a token that no other write uses."
    return None


__all__ = ["TABLES", "Block", "Columns", "block_of"]

"""The journal of a run, read into columns without copying it.

The columns are views into the mapped file, so reading costs a few passes over the codes (some tens of millions of
operations per second) and next to no memory. The writer may still be at work, or may have been killed anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

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
    Names,
    Stream,
)
from outlast.history.journal_layout import (
    ANSWERED,
    EFFECTS_FILE,
    FORMAT,
    HEADER_BYTES,
    SENT,
    SESSION_PREFIX,
    SLOT,
    SLOT_BYTES,
    STRINGS_FILE,
    USER_PREFIX,
    Table,
    attempt_prefix,
    token_prefix,
)
from outlast.history.journal_layout import JOURNAL_FILE as JOURNAL_FILE
from outlast.history.journal_names import NumberedNames, read_strings
from outlast.history.journal_streams import read_streams
from outlast.history.operation import Kind, Outcome

Slots = NDArray[np.void]

_CODES: Final = {
    "kind": len(KINDS),
    "outcome": len(OUTCOMES),
    "seen": len(SEEN),
    "scope": len(SCOPES),
    "cookie": len(COOKIES),
    "jar": len(JARS),
    "via": len(VIAS),
}


def read_journal(path: Path) -> Columns:
    """The journal at `path` (its side files lie beside it) -> columns, in the order in which the requests were sent.

    Slots that were never answered read as unknown with returned_ns NEVER. Raises FormatError for anything else than a
    journal of ours.
    """
    header = _read_header(path)
    slots = _read_slots(path)
    _forget_half_answers(slots)
    _check_codes(path, slots)
    strings = read_strings(path.with_name(STRINGS_FILE))
    effects = _read_effects(path, slots)
    return _columns(path, slots, effects, header, strings)


@dataclass(frozen=True, slots=True)
class _Header:
    tag: str
    users: int


def _read_header(path: Path) -> _Header:
    try:
        with path.open("rb") as file:
            page = file.read(HEADER_BYTES)
    except OSError as error:
        raise FormatError(str(path), None, f"cannot be read ({error.strerror}).") from error
    try:
        fields: dict[str, Any] = json.loads(page)
        if fields["format"] != FORMAT or fields["slot_bytes"] != SLOT_BYTES or len(page) != HEADER_BYTES:
            raise ValueError(fields["format"])
        return _Header(str(fields["tag"]), int(fields["users"]))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise FormatError(str(path), None, f"is not a journal of the form {FORMAT}.") from error


def _read_slots(path: Path) -> Slots:
    room = (path.stat().st_size - HEADER_BYTES) // SLOT_BYTES
    if room == 0:
        return np.zeros(0, SLOT)
    # Copy-on-write: what is put right below is put right in memory alone.
    slots = cast(Slots, np.memmap(path, SLOT, mode="c", offset=HEADER_BYTES, shape=(room,)).view(np.ndarray))
    state = slots["state"]
    first, past = 0, room
    while first < past:  # slots are filled one after another, so the used ones are a prefix
        middle = (first + past) // 2
        first, past = (middle + 1, past) if state[middle] else (first, middle)
    return slots[:first]


def _forget_half_answers(slots: Slots) -> None:
    """A slot still SENT may hold a part of its answer: the writer was killed between two stores."""
    rows = np.flatnonzero(slots["state"] == SENT)
    if not rows.size:
        return
    half = slots[rows]
    half["value"][half["kind"] != KINDS.index(Kind.WRITE)] = ABSENT
    half["user"][half["kind"] != KINDS.index(Kind.LOGIN)] = ABSENT
    for name in ("counter", "effects_count", "replica", "boot", "build", "path"):
        half[name] = ABSENT
    for name in ("effects_start", "effects_offset", "status", "seen", "cookie"):
        half[name] = 0
    half["returned_ns"] = NEVER
    half["outcome"] = OUTCOMES.index(Outcome.UNKNOWN)
    slots[rows] = half


def _check_codes(path: Path, slots: Slots) -> None:
    for name, most in {"state": ANSWERED + 1, **_CODES}.items():
        if len(slots) and int(slots[name].max()) >= most:
            _damaged(path, name)
    if len(slots) and int(slots["session"].min()) < 0:
        _damaged(path, "session")
    if np.any(slots["returned_ns"] < slots["invoked_ns"]):
        _damaged(path, "returned_ns")


def _damaged(path: Path, column: str) -> None:
    raise FormatError(str(path), None, f"is damaged: {column!r} of one of its slots is out of range.")


def _read_effects(path: Path, slots: Slots) -> NDArray[np.int64]:
    file = path.with_name(EFFECTS_FILE)
    told = slots["effects_count"] > 0
    used = int((slots["effects_start"][told] + slots["effects_count"][told]).max(initial=0))
    room = file.stat().st_size // 8 if file.exists() else 0
    if used > room or int(slots["effects_start"][told].min(initial=0)) < 0:
        _damaged(path, "effects")
    if not used:
        return np.zeros(0, np.int64)
    return cast(NDArray[np.int64], np.memmap(file, "<i8", mode="r", shape=(used,)).view(np.ndarray))


def _streams(folder: Path, slots: Slots) -> dict[int, Stream]:
    """Those of operations that were answered: a record may be there whose answer never came to be."""
    answered = slots["state"] == ANSWERED
    return {row: stream for row, stream in read_streams(folder, len(slots)).items() if answered[row]}


def _columns(
    path: Path,
    slots: Slots,
    effects: NDArray[np.int64],
    header: _Header,
    strings: Mapping[Table, Mapping[int, str]],
) -> Columns:
    def computed(prefix: str, table: Table, *columns: NDArray[np.signedinteger[Any]]) -> Names:
        """As many as are named anywhere: those without a string of their own are computed."""
        least = min(int(column.min(initial=0)) for column in columns)
        if least < ABSENT or (least == NONE_YET and table is not Table.TOKENS):
            _damaged(path, table)
        count = 1 + max(int(column.max(initial=-1)) for column in columns)
        return NumberedNames(prefix, count, strings[table])

    def told(table: Table, *columns: NDArray[np.signedinteger[Any]], own: int = 0) -> Names:
        """Only those that are in the side file, and the first `own`."""
        names = strings[table]
        count = own + len(names)
        if sorted(names) != list(range(own, count)):
            _damaged(path, table)
        for column in columns:
            if int(column.max(initial=-1)) >= count or int(column.min(initial=0)) < ABSENT:
                _damaged(path, table)
        return NumberedNames(USER_PREFIX, count, names)

    fields: dict[str, Any] = {name: slots[name] for name in SLOT.names or () if name != "state"}
    return Columns(
        **fields,
        effects=effects,
        sessions=NumberedNames(SESSION_PREFIX, 1 + int(slots["session"].max(initial=-1)), {}),
        tokens=computed(token_prefix(header.tag), Table.TOKENS, slots["value"]),
        attempts=computed(attempt_prefix(header.tag), Table.ATTEMPTS, slots["attempt"], effects),
        users=told(Table.USERS, slots["user"], own=header.users),
        nodes=told(Table.NODES, slots["replica"], slots["via_node"]),
        boots=told(Table.BOOTS, slots["boot"]),
        builds=told(Table.BUILDS, slots["build"]),
        paths=told(Table.PATHS, slots["path"]),
        streams=_streams(path.parent, slots),
    )

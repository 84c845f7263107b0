"""What some operations tell, as far as a model asks: gathered from a history's columns, or read back from a shelf."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.evidence import Roles, evidence_of
from outlast.history.columns import Columns, Ints, SmallInts

OF_LOGS: Final = ("attempt", "effects_start", "effects_count", "effects_offset")
"""Columns that only histories with effect logs need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One entry per operation. rows: its place in the history; session: as there; roles: evidence.py; others as
    Columns has them, those of OF_LOGS empty where the history has no effect logs."""

    rows: Ints
    roles: Roles
    session: SmallInts
    invoked_ns: Ints
    returned_ns: Ints
    value: Ints
    counter: Ints
    user: SmallInts
    replica: SmallInts
    attempt: Ints
    effects_start: Ints
    effects_count: SmallInts
    effects_offset: Ints


NAMES: Final = tuple(field.name for field in fields(Told) if field.name not in ("rows", "roles"))


def told_of(columns: Columns, has_logs: bool, rows: Ints | None = None) -> Told:
    """Columns -> what these rows (None: all) tell. Cost: O(n), one gather per column."""
    chosen: Ints | slice = slice(None) if rows is None else rows
    return Told(
        rows=np.arange(len(columns), dtype=np.int64) if rows is None else rows,
        roles=evidence_of(columns, chosen),
        **{name: column_of(columns, name, has_logs, chosen) for name in NAMES},
    )


def column_of(columns: Columns, name: str, has_logs: bool, rows: Ints | slice) -> NDArray[Any]:
    """One column of some rows, in one piece."""
    if name in OF_LOGS and not has_logs:
        return np.zeros(0, np.int64)
    return np.ascontiguousarray(getattr(columns, name)[rows])

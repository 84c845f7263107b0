"""A history in which what was acknowledged just before a fault counts as nothing that anybody may rely on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.exposure import harm_begins_ns
from outlast.history.columns import ABSENT, KINDS, OUTCOMES, Columns
from outlast.history.history import History
from outlast.history.operation import Kind, Outcome

MUTATIONS = (Kind.LOGIN, Kind.WRITE, Kind.INCREMENT, Kind.LOGOUT)
OK, UNKNOWN = (OUTCOMES.index(outcome) for outcome in (Outcome.OK, Outcome.UNKNOWN))


def without_recent(history: History, younger_than_s: float) -> History:
    """What was acknowledged up to so long before a fault's onset, or while it was in force, may have happened or not.

    Its writes, logins and logouts become unknown, as if their answers had been lost; its reads are left out, as what
    they saw may rightly be gone a moment later. All else stands: judged again, an older write that is lost is still
    found. Counter-example to excusing sessions instead: one that writes each second always has a young write, and would
    be excused for the loss of an old one. Cost: O(operations).
    """
    columns = history.columns
    recent = np.zeros(len(columns), bool)
    for fault in history.header.faults:
        since = harm_begins_ns(fault) - round(younger_than_s * 1e9)
        until = np.iinfo(np.int64).max if fault.end_ns is None else fault.end_ns
        recent |= (columns.returned_ns >= since) & (columns.invoked_ns <= until)
    changing = np.isin(columns.kind, [KINDS.index(kind) for kind in MUTATIONS])
    doubtful = recent & changing & (columns.outcome == OK)
    return replace(history, columns=_only(_doubted(columns, doubtful), changing | ~recent))


def _doubted(columns: Columns, rows: NDArray[np.bool_]) -> Columns:
    """These rows as if no answer had come: what was sent stays, what was told goes."""

    def blank(column: NDArray[np.int64], value: int) -> NDArray[np.int64]:
        return np.where(rows, value, column).astype(column.dtype)

    return replace(
        columns,
        outcome=np.where(rows, UNKNOWN, columns.outcome).astype(columns.outcome.dtype),
        seen=np.where(rows, 0, columns.seen).astype(columns.seen.dtype),
        counter=blank(columns.counter, ABSENT),
        effects_count=np.where(rows, ABSENT, columns.effects_count).astype(columns.effects_count.dtype),
    )


def _only(columns: Columns, rows: NDArray[np.bool_]) -> Columns:
    """Some rows; the tables of names stay whole."""
    at = np.flatnonzero(rows)
    narrow = {
        name: getattr(columns, name)[at]
        for name in Columns.__dataclass_fields__
        if isinstance(getattr(columns, name), np.ndarray) and name != "effects"
    }
    place = {int(row): new for new, row in enumerate(at.tolist())} if columns.streams else {}
    streams = {place[row]: stream for row, stream in columns.streams.items() if row in place}
    return replace(columns, **narrow, streams=streams)

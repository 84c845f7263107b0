"""Counter whose increments do not tell their result: exact, by how many must lie between any two reads."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.counter import begun_by
from outlast.checkers.evidence import INCREMENT, INCREMENT_MAYBE, READ
from outlast.checkers.marks import Case, Marks, told_in
from outlast.checkers.order import ascending
from outlast.checkers.sheet import Sheet
from outlast.checkers.short_pair import Reads, ShortPair, short_pair
from outlast.history.columns import ABSENT, Ints

Flags = NDArray[np.bool_]
ROWS_MAX = 24
"""A witness that must show many increments shows so many of them; the sentence tells how many there are."""
COUNT_MAX = 2**31
"""Higher counts are as wrong as this one."""


def blind_marks(sheet: Sheet) -> Iterator[Marks]:
    """Sheet -> findings in the sessions that hold an acknowledged increment without its result.

    (1) A read shows no more than the increments invoked by its return. (2) For reads r1 < r2, and a read of 0 before
    all: v1 + the acknowledged increments strictly between them <= v2. An increment that does tell its result k counts
    as a read of k to what follows and of k - 1 to what precedes. Counter-example to the bounds of each read alone:
    increments [0,1], [2,3], reads 1 at [4,9], 1 at [10,11] agree with every bound but (2) with the read of 0. Cost:
    O(n log n), and where increments overlap reads (or a session is wrong) O(n log n) in plain Python for that session.
    """
    increments = sheet.where(INCREMENT)
    blind = increments[sheet.told.counter[increments] == ABSENT]
    if not len(blind):
        return
    is_blind = np.zeros(sheet.sessions, bool)
    is_blind[sheet.session[blind]] = True
    increments = increments[is_blind[sheet.session[increments]]]
    maybe = sheet.where(INCREMENT_MAYBE)
    told = sheet.where(READ | INCREMENT)
    told = told[is_blind[sheet.session[told]] & (sheet.told.counter[told] != ABSENT)]
    after = sheet.told.counter[told]
    before = after - ((sheet.roles[told] & INCREMENT) != 0)
    begun = begun_by(sheet, np.concatenate((increments, maybe)), told)
    high = after > begun
    yield Marks(
        anomaly=Anomaly.DUPLICATE_EXECUTION,
        case=Case.TOO_MANY,
        session=sheet.names[sheet.session[told[high]]],
        rows=sheet.rows[told[high]][:, None],
        figures=np.stack((after[high], begun[high]), axis=1),
    )
    suspects = np.flatnonzero(_suspects(sheet, increments, told, after, before))
    mines, of_mines = _of_each(suspects, sheet.session[told]), _of_each(suspects, sheet.session[increments])
    for mine, chosen in zip(mines, of_mines, strict=True):
        at, of_mine = told[mine], increments[chosen]
        reads = Reads(inv=sheet.inv[at], ret=sheet.ret[at], after=after[mine], before=before[mine])
        short = short_pair(reads, sheet.inv[of_mine], sheet.ret[of_mine])
        if short is not None:
            yield _too_few(sheet, at, of_mine, reads, short)


def _suspects(sheet: Sheet, increments: Ints, told: Ints, after: Ints, before: Ints) -> Flags:
    """Sessions in which (2) could fail if every increment begun by the second read lay between: a few more than fail,
    exactly these where no increment overlaps a read."""
    inv = np.sort(sheet.inv[increments])
    sessions = np.arange(sheet.sessions)
    # the virtual read of 0 lies on each session's base, before everything of it; sessions lie one after the other
    end = np.concatenate((sheet.base, sheet.ret[told]))
    value = np.concatenate((np.zeros_like(sheet.base), np.minimum(after, COUNT_MAX)))
    owner = np.concatenate((sessions, sheet.session[told]))
    gain = value - np.searchsorted(inv, end, side="right") + owner * 2 * COUNT_MAX
    order = ascending(end)
    best = np.maximum.accumulate(gain[order])
    at = np.searchsorted(end[order], sheet.inv[told]) - 1
    most = best[at] - sheet.session[told] * 2 * COUNT_MAX + np.searchsorted(inv, sheet.inv[told])
    suspects = np.zeros(sheet.sessions, bool)
    suspects[sheet.session[told[most > np.minimum(before, COUNT_MAX)]]] = True
    return suspects


def _of_each(wanted: Ints, session: Ints) -> Iterator[Ints]:
    """Sessions, (n,) the session of each -> per wanted session the places of its own, in order. Cost: one sort."""
    order = ascending(session)
    first = np.searchsorted(session[order], wanted)
    last = np.searchsorted(session[order], wanted, side="right")
    for start, stop in zip(first.tolist(), last.tolist(), strict=True):
        yield order[start:stop]


def _too_few(sheet: Sheet, told: Ints, increments: Ints, reads: Reads, short: ShortPair) -> Marks:
    between, last = sheet.rows[increments[short.between]], sheet.rows[told[short.second]]
    first = [] if short.first is None else [sheet.rows[told[short.first]]]
    shown = 0 if short.first is None else reads.after[short.first]
    rows = np.array([*first, *between[:ROWS_MAX], last])
    return Marks(
        anomaly=Anomaly.LOST_UPDATE,
        case=Case.TOO_FEW,
        session=sheet.names[sheet.session[told[[short.second]]]],
        rows=told_in(rows[:, None]),
        figures=np.array([[shown, len(between), reads.before[short.second]]]),
    )

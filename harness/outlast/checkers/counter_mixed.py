"""Counter of which some increments tell their result and some do not: exact, by handing out the unclaimed results."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.evidence import INCREMENT, INCREMENT_MAYBE, READ
from outlast.checkers.marks import Case, Marks
from outlast.checkers.sheet import Sheet
from outlast.checkers.slots import Missed, fill, windows_of
from outlast.history.columns import ABSENT, NEVER, Ints


def mixed_marks(sheet: Sheet) -> Iterator[Marks]:
    """Sheet -> findings in the sessions that hold acknowledged increments of both sorts, which the other rules miss.

    The witness is the session's whole counter: such a history fails only as a whole. Cost: O(n log n) in plain Python,
    and only for these sessions.
    """
    counter, increments = sheet.told.counter, sheet.where(INCREMENT)
    hidden = counter[increments] == ABSENT
    if not hidden.any():
        return
    tell, hide = np.zeros(sheet.sessions, bool), np.zeros(sheet.sessions, bool)
    tell[sheet.session[increments[~hidden]]] = True
    hide[sheet.session[increments[hidden]]] = True
    mixed = tell & hide
    if not mixed.any():
        return
    at = sheet.where(INCREMENT | INCREMENT_MAYBE | READ)
    at = at[mixed[sheet.session[at]] & ((counter[at] != ABSENT) | ((sheet.roles[at] & READ) == 0))]
    at = at[np.lexsort((sheet.inv[at], sheet.session[at]))]
    bounds = np.flatnonzero(np.diff(sheet.session[at])) + 1
    for mine in np.split(at, bounds):
        anomaly = _impossible(sheet, mine, counter[mine])
        if anomaly is not None:
            yield Marks(
                anomaly=anomaly,
                case=Case.NO_ORDER,
                session=sheet.names[sheet.session[mine[:1]]],
                rows=sheet.rows[mine][None, :],
            )


def _impossible(sheet: Sheet, at: Ints, counter: Ints) -> Anomaly | None:
    """One session's counter -> what is wrong with it, if the order of what was told is right and nothing else is."""
    told, roles = counter != ABSENT, sheet.roles[at]
    is_increment, is_read = (roles & INCREMENT) != 0, (roles & READ) != 0
    known = np.flatnonzero(told & (is_read | is_increment))
    highest = int(counter[known].max(initial=0))
    if highest > len(at):
        return Anomaly.DUPLICATE_EXECUTION
    places = np.setdiff1d(np.arange(1, highest + 1), counter[told & is_increment])
    steps, base = at[known], int(sheet.base[sheet.session[at[0]]])
    keys = 2 * counter[known] + is_read[known]
    windows, tail = windows_of(keys, sheet.inv[steps], sheet.ret[steps], 2 * places, base)
    blind, maybe = at[~told & is_increment], at[(roles & INCREMENT_MAYBE) != 0]
    candidates = [(*span, True) for span in zip(sheet.inv[blind].tolist(), sheet.ret[blind].tolist(), strict=True)]
    candidates += [(inv, NEVER, False) for inv in sheet.inv[maybe].tolist()]
    wrong = fill(windows, tail, candidates)
    if wrong is None:
        return None
    return Anomaly.LOST_UPDATE if isinstance(wrong, Missed) else Anomaly.DUPLICATE_EXECUTION

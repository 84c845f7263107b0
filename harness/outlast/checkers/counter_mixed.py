"""Counter of which some increments tell their result and some do not: exact, by handing out the unclaimed results."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.evidence import INCREMENT, INCREMENT_MAYBE, READ
from outlast.checkers.marks import Case, Marks
from outlast.checkers.order import ascending
from outlast.checkers.sheet import Sheet
from outlast.checkers.slots import Missed, fill
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
    at = at[mixed[sheet.session[at]]]
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
    told = counter != ABSENT
    is_read = (sheet.roles[at] & READ) != 0
    known = np.flatnonzero(told & (is_read | ((sheet.roles[at] & INCREMENT) != 0)))
    key = 2 * counter[known] + is_read[known]
    inv, ret = sheet.inv[at[known]], sheet.ret[at[known]]
    order = ascending(key)
    key, begun, over = key[order], np.maximum.accumulate(inv[order]), np.minimum.accumulate(ret[order][::-1])[::-1]
    highest = int(counter[known].max(initial=0))
    if highest > len(at):
        return Anomaly.DUPLICATE_EXECUTION
    claimed = set(counter[known[~is_read[known]]].tolist())
    places = np.array([k for k in range(1, highest + 1) if k not in claimed], np.int64)
    before, after = np.searchsorted(key, 2 * places), np.searchsorted(key, 2 * places, side="right")
    base = int(sheet.base[sheet.session[at[0]]])
    windows = [
        (int(begun[b - 1]) if b else base, int(over[a])) for b, a in zip(before.tolist(), after.tolist(), strict=True)
    ]
    blind = at[~told & ((sheet.roles[at] & INCREMENT) != 0)]
    maybe = at[(sheet.roles[at] & INCREMENT_MAYBE) != 0]
    candidates = [
        (inv, ret, True) for inv, ret in zip(sheet.inv[blind].tolist(), sheet.ret[blind].tolist(), strict=True)
    ]
    candidates += [(inv, NEVER, False) for inv in sheet.inv[maybe].tolist()]
    wrong = fill(windows, int(begun[-1]) if len(begun) else base, candidates)
    if wrong is None:
        return None
    return Anomaly.LOST_UPDATE if isinstance(wrong, Missed) else Anomaly.DUPLICATE_EXECUTION

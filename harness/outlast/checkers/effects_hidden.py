"""Logs whose beginning was dropped: whether the places that no read showed can have been filled."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.effects import Attempts, Flags, Logs, looked_at_whole
from outlast.checkers.marks import NO_ROW, Case, Marks
from outlast.checkers.sheet import Sheet
from outlast.checkers.slots import Missed, fill, windows_of
from outlast.history.columns import Ints


def hidden_marks(sheet: Sheet, logs: Logs, attempts: Attempts, skip: Flags) -> Iterator[Marks]:
    """Logs and attempts -> findings in the sessions of whose log some place was shown by no read.

    Each such place was filled by an attempt that no read shows, and each acknowledged one stands in such a place or
    after all that was shown. The witness is all of the session's log. Cost: O(n log n) in plain Python, only for these.
    """
    high = np.zeros(sheet.sessions, np.int64)
    np.maximum.at(high, sheet.session[logs.reads], logs.stop)
    for session in np.flatnonzero(~looked_at_whole(sheet, logs, high) & ~skip).tolist():
        reads = np.flatnonzero(sheet.session[logs.reads] == session)
        mine = np.flatnonzero((attempts.session == session) & attempts.tried)
        anomaly = _impossible(sheet, logs, attempts, reads, mine, int(high[session]))
        if anomaly is not None:
            rows = np.concatenate((attempts.row[mine], sheet.rows[logs.reads[reads]]))
            yield Marks(
                anomaly=anomaly,
                case=Case.NO_ORDER,
                session=sheet.names[[session]],
                rows=np.sort(rows[rows != NO_ROW])[None, :],
            )


def _impossible(sheet: Sheet, logs: Logs, attempts: Attempts, reads: Ints, mine: Ints, high: int) -> Anomaly | None:
    """One session's log -> what is wrong with it, if the order of what was shown is right and nothing else is."""
    placed = mine[attempts.place[mine] >= 0]
    keys = np.concatenate((2 * logs.stop[reads], 2 * attempts.place[placed] + 1))
    inv = np.concatenate((sheet.inv[logs.reads[reads]], attempts.inv[placed]))
    ret = np.concatenate((sheet.ret[logs.reads[reads]], attempts.ret[placed]))
    free = mine[attempts.place[mine] < 0]
    shown = np.unique(logs.position[np.isin(logs.entry_read, reads)])
    if high - len(shown) > len(free):
        return Anomaly.DUPLICATE_EXECUTION
    places = np.setdiff1d(np.arange(high), shown)
    base = int(sheet.base[sheet.session[logs.reads[reads[0]]]])
    windows, tail = windows_of(keys, inv, ret, 2 * places + 1, base)
    candidates = list(
        zip(attempts.inv[free].tolist(), attempts.ret[free].tolist(), attempts.owed[free].tolist(), strict=True)
    )
    wrong = fill(windows, tail, candidates)
    if wrong is None:
        return None
    return Anomaly.LOST_UPDATE if isinstance(wrong, Missed) else Anomaly.DUPLICATE_EXECUTION

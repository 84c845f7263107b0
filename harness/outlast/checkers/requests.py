"""Requests: which failed, and which users got through to nobody after the harm was over."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.evidence import JUDGED
from outlast.checkers.marks import Case, Marks
from outlast.checkers.sheet import Sheet, Told
from outlast.history.columns import OUTCOMES, Columns, Ints
from outlast.history.operation import Outcome

SERVER_ERROR = 500
_UNKNOWN, _FAIL, _OK = (OUTCOMES.index(o) for o in (Outcome.UNKNOWN, Outcome.FAIL, Outcome.OK))


def failed_of(columns: Columns | Told, rows: Ints | slice) -> NDArray[np.bool_]:
    """Operations -> which failed: refused, cut, timed out, 5xx. An app's definite "no" (401, 403) is an answer. Cost:
    O(n)."""
    outcome, status = columns.outcome[rows], columns.status[rows]
    refused = (outcome == _FAIL) & (status == 0) & (columns.seen[rows] == 0)
    failed: NDArray[np.bool_] = (outcome == _UNKNOWN) | (status >= SERVER_ERROR) | refused
    return failed


def request_marks(sheet: Sheet) -> Iterator[Marks]:
    """Sheet -> every failed request through the balancer. Cost: O(n)."""
    judged = sheet.where(JUDGED)
    failed = judged[failed_of(sheet.told, judged)]
    names = sheet.names[sheet.session[failed]]
    yield Marks(anomaly=Anomaly.FAILED_REQUEST, case=Case.FAILED, session=names, rows=sheet.rows[failed][:, None])


def stuck_marks(sheet: Sheet) -> Iterator[Marks]:
    """Sheet -> sessions that asked after heal, and not one of whose requests succeeded: no ok, nothing seen. Cost:
    O(n).

    Whether others got through is decided when all sheets are judged.
    """
    heal_ns = sheet.survey.heal_ns
    if heal_ns is None:
        return
    judged = sheet.where(JUDGED)
    after = judged[sheet.told.invoked_ns[judged] > heal_ns]
    outcome = sheet.told.outcome[after]
    answered = (outcome == _OK) | ((sheet.told.seen[after] > 0) & (outcome == _FAIL))
    asked = np.bincount(sheet.session[after], minlength=sheet.sessions)
    helped = np.bincount(sheet.session[after[answered]], minlength=sheet.sessions)
    stuck = np.flatnonzero((asked > 0) & (helped == 0))
    last = np.full(sheet.sessions, -1)
    last[sheet.session[after]] = sheet.rows[after]
    yield Marks(
        anomaly=Anomaly.STUCK_USER,
        case=Case.STUCK,
        session=sheet.names[stuck],
        rows=last[stuck][:, None],
        figures=asked[stuck][:, None],
    )

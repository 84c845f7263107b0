"""Requests: which failed, and which users got through to nobody after the harm was over."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.evidence import FAILED, JUDGED, OK, SHOWN, failed_of
from outlast.checkers.marks import Case, Marks
from outlast.checkers.sheet import Sheet


def request_marks(sheet: Sheet) -> Iterator[Marks]:
    """Sheet -> every failed request through the balancer. Cost: O(n)."""
    failed = sheet.where(FAILED)
    failed = failed[(sheet.roles[failed] & JUDGED) != 0]
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
    answered = (sheet.roles[after] & (OK | SHOWN)) != 0
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


__all__ = ["failed_of", "request_marks", "stuck_marks"]

"""Relogin storm: whether users came back to log in faster than the steady rate, twice over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.marks import Case, Marks
from outlast.checkers.order import ascending
from outlast.checkers.survey import Survey, onset_of
from outlast.history.columns import KINDS
from outlast.history.history import PhaseName
from outlast.history.operation import Kind

WINDOW_NS: Final = 1_000_000_000
TIMES: Final = 2.0


def storm_marks(survey: Survey) -> Iterator[Marks]:
    """Survey -> at most one finding: the fullest second of logins after the onset, if it holds more than twice the
    steady rate.

    Needs a steady phase with a login in it. Cost: O(logins log logins).
    """
    onset = onset_of(survey.header)
    steady = [phase for phase in survey.header.phases if phase.name is PhaseName.STEADY]
    if onset is None or not steady:
        return
    rows = np.flatnonzero(survey.columns.kind == KINDS.index(Kind.LOGIN))
    rows = rows[ascending(survey.columns.invoked_ns[rows])]
    instants = survey.columns.invoked_ns[rows]
    before = int(((instants >= steady[0].start_ns) & (instants < steady[0].end_ns)).sum())
    length_s = (steady[0].end_ns - steady[0].start_ns) / 1e9
    rows, instants = rows[instants >= onset.start_ns], instants[instants >= onset.start_ns]
    if not before or not length_s or not len(rows):
        return
    in_window = np.searchsorted(instants, instants + WINDOW_NS) - np.arange(len(instants))
    fullest = int(in_window.argmax())
    rate = before / length_s
    if in_window[fullest] > TIMES * rate:
        yield Marks(
            anomaly=Anomaly.RELOGIN_STORM,
            case=Case.STORM,
            session=survey.columns.session[rows[[fullest]]].astype(np.int64),
            rows=rows[[fullest]][:, None],
            figures=np.array([[in_window[fullest], round(rate * 1000)]]),
        )

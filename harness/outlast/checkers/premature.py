"""Premature expiry: sessions lost with no fault near, all past one age that no session outlived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.exposure import harm_begins_ns
from outlast.checkers.marks import Case, Marks
from outlast.checkers.sheet_judge import SheetJudgement
from outlast.checkers.survey import Survey
from outlast.history.columns import Ints

SESSIONS_MIN: Final = 2
"""One session that is gone too soon is lost; several of one age have expired."""
_LOST: Final = (Anomaly.LOST_SESSION, Anomaly.RECREATED_SESSION)


def with_premature_expiry(survey: Survey, marks: list[Marks], sheets: Sequence[SheetJudgement]) -> list[Marks]:
    """Marks -> the same, but losses that a shorter time to live explains all together are named premature-expiry.

    It explains them if every one was idle for longer than any session was that is still alive, and no fault was in
    force between its last refresh and the answer that showed it gone. Cost: O(losses).
    """
    if survey.header.ttl_s is None:
        return marks
    outlived = max((sheet.longest_idle_ns for sheet in sheets), default=-1)
    lost = [m for m in marks if m.anomaly in _LOST and m.case is Case.GONE]
    suspects = [_suspects(survey, some, outlived) for some in lost]
    far = [_far_from_faults(survey, some) for some in lost]
    count = sum(int(flags.sum()) for flags in suspects)
    clustered = count >= SESSIONS_MIN and all((s | ~f).all() for s, f in zip(suspects, far, strict=True))
    if not clustered:
        return marks
    named = [m for m in marks if not (m.anomaly in _LOST and m.case is Case.GONE)]
    for some, flags in zip(lost, suspects, strict=True):
        named.append(replace(some.only(flags), anomaly=Anomaly.PREMATURE_EXPIRY))
        named.append(some.only(~flags))
    return [m for m in named if len(m)]


def _suspects(survey: Survey, marks: Marks, outlived: int) -> np.ndarray:
    return _far_from_faults(survey, marks) & (_idle(survey, marks) > outlived)


def _idle(survey: Survey, marks: Marks) -> Ints:
    """From the last refresh to the answer that showed it gone, at the longest."""
    columns = survey.columns
    idle: Ints = columns.returned_ns[marks.rows[:, -1]] - columns.invoked_ns[_refresh(marks)]
    return idle + 2 * survey.clock_error_ns


def _refresh(marks: Marks) -> Ints:
    """The rows of the last refreshes: without any, expiry may be why, and nothing is lost."""
    if marks.figures is None:
        raise TypeError("a loss that tells no refresh")
    return marks.figures[:, 1]


def _far_from_faults(survey: Survey, marks: Marks) -> np.ndarray:
    columns = survey.columns
    start, stop = columns.invoked_ns[_refresh(marks)], columns.returned_ns[marks.rows[:, -1]]
    far = np.ones(len(marks), bool)
    for fault in survey.header.faults:
        end = 2**62 if fault.end_ns is None else fault.end_ns
        far &= (stop < harm_begins_ns(fault)) | (start > end)
    return far

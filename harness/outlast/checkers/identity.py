"""Identity: whether each answer names the user who logged in."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.evidence import A_LOGIN, JUDGED
from outlast.checkers.marks import Case, Marks, told_in
from outlast.checkers.sheet import Sheet
from outlast.history.columns import Ints, SmallInts


def identity_marks(sheet: Sheet) -> Iterator[Marks]:
    """Sheet -> findings: an answer through the balancer that names another user. One is enough. Cost: O(n).

    Where no login tells whose session it is, two answers that name two users prove that one of them is wrong.
    """
    survey, user = sheet.survey, sheet.told.user
    owner, told_by = survey.user[sheet.names], survey.login_row[sheet.names]
    if (owner < 0).any():
        owner, told_by = _first_named(sheet, owner, told_by)
    other = np.flatnonzero((user >= 0) & (user != owner[sheet.session]))
    at = other[_answers(sheet, other)]
    session = sheet.session[at]
    figures = np.stack((owner[session], user[at]), axis=1).astype(np.int64)
    yield Marks(
        anomaly=Anomaly.SESSION_LEAK,
        case=Case.ANOTHER_USER,
        session=sheet.names[session],
        rows=told_in((told_by[session], sheet.rows[at])),
        figures=figures,
    )


def _first_named(sheet: Sheet, owner: SmallInts, told_by: Ints) -> tuple[SmallInts, Ints]:
    """Where no login tells whose session it is, its first answer does."""
    named = np.flatnonzero(sheet.told.user >= 0)
    named = named[_answers(sheet, named)][::-1]  # of several answers the last assignment stays: the first
    first = np.full(sheet.sessions, -1)
    first[sheet.session[named]] = named
    unowned = (owner < 0) & (first >= 0)
    row = sheet.rows[np.maximum(first, 0)]
    user = sheet.told.user[np.maximum(first, 0)]
    return np.where(unowned, user, owner), np.where(unowned, row, told_by)


def _answers(sheet: Sheet, at: Ints) -> NDArray[np.bool_]:
    """Through the balancer, and no login: what a login tells is who asked."""
    judged = (sheet.roles[at] & JUDGED) != 0
    answers: NDArray[np.bool_] = judged & ((sheet.roles[at] & A_LOGIN) == 0)
    return answers

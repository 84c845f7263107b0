"""Identity: whether each answer names the user who logged in."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.evidence import JUDGED
from outlast.checkers.marks import NO_ROW, Case, Marks, told_in
from outlast.checkers.sheet import Sheet
from outlast.history.columns import KINDS
from outlast.history.operation import Kind


def identity_marks(sheet: Sheet) -> Iterator[Marks]:
    """Sheet -> findings: an answer through the balancer that names another user. One is enough. Cost: O(n).

    Where no login tells whose session it is, two answers that name two users prove that one of them is wrong.
    """
    survey = sheet.survey
    told = sheet.where(JUDGED)
    rows = sheet.rows[told]
    told = told[(sheet.columns.user[rows] >= 0) & (sheet.columns.kind[rows] != KINDS.index(Kind.LOGIN))]
    user = sheet.columns.user[sheet.rows[told]]
    session = sheet.session[told]
    owner = survey.user[sheet.names]
    login = survey.login_row[sheet.names]
    first = np.full(sheet.sessions, -1)
    first[session[::-1]] = np.arange(len(told))[::-1]
    unowned = (owner < 0) & (first >= 0)
    if unowned.any():
        owner = owner.copy()
        owner[unowned] = user[first[unowned]]
        login = np.where(unowned, sheet.rows[told[np.maximum(first, 0)]], np.where(owner < 0, NO_ROW, login))
    wrong = np.flatnonzero(user != owner[session])
    at = told[wrong]
    rows = told_in((login[session[wrong]], sheet.rows[at]))
    figures = np.stack((owner[session[wrong]], user[wrong]), axis=1).astype(np.int64)
    yield Marks(
        anomaly=Anomaly.SESSION_LEAK,
        case=Case.ANOTHER_USER,
        session=sheet.names[session[wrong]],
        rows=rows,
        figures=figures,
    )

"""What other sessions did that may have ended a session: logging its user out everywhere, or logging in once too
often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.evidence import GONE, LOGOUT, LOGOUT_OK, roles_of
from outlast.checkers.marks import NO_ROW
from outlast.checkers.order import ascending
from outlast.checkers.sheet import Sheet
from outlast.checkers.survey import MINUS_INFINITY
from outlast.history.columns import ABSENT, NEVER, OUTCOMES, Ints
from outlast.history.operation import Outcome

Flags = NDArray[np.bool_]
_UNKNOWN = OUTCOMES.index(Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endings:
    """Per session, as instants on the sheet's line; plus infinity and NO_ROW where there is none.

    first_logout: the first invocation of a logout that may have ended it, first_logout_row that logout. proven: the
    first return of a logout, its own or one of its user, that surely ended it, proven_row that logout.
    """

    first_logout: Ints
    first_logout_row: Ints
    proven: Ints
    proven_row: Ints


def endings_of(sheet: Sheet) -> Endings:
    """Sheet -> Endings. Cost: O(n), and a step per pair of a session and a logout-everywhere of its user."""
    own = sheet.where(LOGOUT)
    first = sheet.lowest(own, sheet.inv[own])
    first_row = np.full(sheet.sessions, NO_ROW)
    is_first = sheet.inv[own] == first[sheet.session[own]]
    first_row[sheet.session[own[is_first]]] = sheet.rows[own[is_first]]
    surely = own[(sheet.roles[own] & LOGOUT_OK) != 0]
    proven = sheet.lowest(surely, sheet.ret[surely])
    proven_row = np.full(sheet.sessions, NO_ROW)
    is_proven = sheet.ret[surely] == proven[sheet.session[surely]]
    proven_row[sheet.session[surely[is_proven]]] = sheet.rows[surely[is_proven]]
    if len(sheet.survey.user_logouts):
        _add_everywhere(sheet, first, first_row, proven, proven_row)
    return Endings(first_logout=first, first_logout_row=first_row, proven=proven, proven_row=proven_row)


def may_be_evicted(sheet: Sheet, gone: Ints, alive_last: Ints) -> Flags:
    """Answers that saw a session gone -> whether a login of its user may have ended it, as the oldest of one too many.

    `max_sessions_per_user` newer logins were invoked by then; and one of them had not been acknowledged before the
    session was last seen alive (`alive_last`, per session). Counter-example to leaving that out: one session per user,
    logins a [0,1] and b [2,3], a alive [4,5], a gone [6,7]: b's login did not end it. Cost: a step per pair of a
    session and a login of its user, and a sort of them; nothing without the limit.
    """
    survey, sessions_max = sheet.survey, sheet.survey.header.max_sessions_per_user
    if sessions_max is None or not len(gone):
        return np.zeros(len(gone), bool)
    session, row = _pairs(sheet, survey.logins)
    inv, ret = _interval(sheet, row)
    name = sheet.names[session]
    newer = ret >= np.where(survey.login_row[name] == NO_ROW, MINUS_INFINITY, survey.login_inv[name])
    session = session[newer]
    begun, over = sheet.place(session, inv[newer]), sheet.place(session, ret[newer])
    order = np.argsort(begun)  # instants of the line: sorts by session, too
    session, begun, latest = session[order], begun[order], np.maximum.accumulate(over[order])
    last = np.searchsorted(begun, sheet.ret[gone], side="right") - 1
    enough = last - np.searchsorted(session, sheet.session[gone]) >= sessions_max - 1
    may: Flags = enough & (latest[last] >= alive_last[sheet.session[gone]]) if len(begun) else enough
    return may


def _add_everywhere(sheet: Sheet, first: Ints, first_row: Ints, proven: Ints, proven_row: Ints) -> None:
    """Logouts of scope `user`, of other sessions. One that was over before this session's login began cannot have
    ended it; one that began before this session's login was acknowledged may have missed it; one whose answer saw no
    session may not have known whose sessions to end."""
    survey = sheet.survey
    session, row = _pairs(sheet, survey.user_logouts)
    inv, ret = _interval(sheet, row)
    name = sheet.names[session]
    login_inv = np.where(survey.login_row[name] == NO_ROW, MINUS_INFINITY, survey.login_inv[name])
    may = ret >= login_inv
    session, row, inv, ret, name = session[may], row[may], inv[may], ret[may], name[may]
    begun, over = sheet.place(session, inv), sheet.place(session, ret)
    np.minimum.at(first, session, begun)
    at = begun == first[session]
    first_row[session[at]] = row[at]
    acting = roles_of(sheet.columns, row) & np.uint32(LOGOUT_OK | GONE)
    sure = (acting == LOGOUT_OK) & (survey.login_ret[name] < inv)
    session, row, over = session[sure], row[sure], over[sure]
    np.minimum.at(proven, session, over)
    at = over == proven[session]
    proven_row[session[at]] = row[at]


def _pairs(sheet: Sheet, rows: Ints) -> tuple[Ints, Ints]:
    """(session of the sheet, row of another session of the same user), for all such pairs."""
    survey = sheet.survey
    acting = survey.columns.session[rows]
    by_user = survey.user[acting].astype(np.int64)
    told = survey.columns.user[rows]
    by_user = np.where(by_user == ABSENT, told, by_user)
    rows, acting, by_user = rows[by_user >= 0], acting[by_user >= 0], by_user[by_user >= 0]
    order = ascending(by_user)
    rows, acting, by_user = rows[order], acting[order], by_user[order]
    user = survey.user[sheet.names]
    low, high = np.searchsorted(by_user, user, "left"), np.searchsorted(by_user, user, "right")
    count = np.where(user >= 0, high - low, 0)
    session = np.repeat(np.arange(sheet.sessions), count)
    at = np.arange(len(session)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(low, count)
    other = acting[at] != sheet.names[session]
    return session[other], rows[at][other]


def _interval(sheet: Sheet, rows: Ints) -> tuple[Ints, Ints]:
    """Widened instants by the clock; NEVER for the return of an unknown outcome."""
    columns, error = sheet.columns, sheet.survey.clock_error_ns
    returned = columns.returned_ns[rows]
    never = (columns.outcome[rows] == _UNKNOWN) | (returned == NEVER)
    return columns.invoked_ns[rows] - error, np.where(never, NEVER, returned + np.where(never, 0, error))

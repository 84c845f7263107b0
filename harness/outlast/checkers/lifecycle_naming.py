"""From what is known of a session's life to the most specific name of what went wrong in it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.endings import Endings
from outlast.checkers.evidence import KEPT_JAR, LOGIN_OK, RECREATED, TOOK_COOKIE
from outlast.checkers.expiry import idle_ns, last_refresh, too_long_ns
from outlast.checkers.lifecycle import Flags, Lives
from outlast.checkers.marks import NO_ROW, Case, Marks, told_in
from outlast.checkers.order import ascending
from outlast.checkers.sheet import Sheet
from outlast.history.columns import Ints


def lifecycle_marks(sheet: Sheet, lives: Lives, endings: Endings) -> Iterator[Marks]:
    """Lives -> findings. Cost: O(n)."""
    yield from _resurrected(sheet, lives, endings)
    yield from _came_back(sheet, lives)
    yield from _lost(sheet, lives)
    yield from _outlived(sheet)


def _resurrected(sheet: Sheet, lives: Lives, endings: Endings) -> Iterator[Marks]:
    """Alive after a logout had surely taken effect: it was acknowledged, or an answer that came after it showed the
    session gone. Example: logout ok [0,10], anonymous [1,2], alive [3,4]: it had taken effect by 2."""
    by_answer = lives.gone[lives.logged_out]
    seen_gone = sheet.lowest(by_answer, sheet.ret[by_answer])
    proven = np.minimum(endings.proven, seen_gone)
    bad = np.flatnonzero(proven < lives.alive_last)
    if not len(bad):
        return
    by_logout = endings.proven[bad] <= seen_gone[bad]
    answer = _row_with(sheet, by_answer, sheet.ret[by_answer], seen_gone)[bad]
    logout = np.where(by_logout, endings.proven_row[bad], endings.first_logout_row[bad])
    rows = told_in(
        (
            sheet.survey.login_row[sheet.names[bad]],
            _other_login(sheet, logout, bad),
            logout,
            np.where(by_logout, NO_ROW, _proof_of_birth(sheet, lives)[bad]),
            np.where(by_logout, NO_ROW, answer),
            _last_alive(sheet, lives)[bad],
        )
    )
    yield Marks(
        anomaly=Anomaly.RESURRECTED_SESSION,
        case=Case.LOGGED_OUT_THEN_ALIVE,
        session=sheet.names[bad],
        rows=rows,
        figures=np.stack((logout, np.where(by_logout, NO_ROW, answer)), axis=1),
    )


def _came_back(sheet: Sheet, lives: Lives) -> Iterator[Marks]:
    """Gone without a logout, and alive later: flickering; or evicted at the client, if the answer that hid the session
    took its cookie and from then on the kept cookie alone still worked."""
    gone = lives.gone[~lives.logged_out]
    gone = gone[sheet.ret[gone] < lives.alive_last[sheet.session[gone]]]
    if not len(gone):
        return
    by_browser = lives.alive[(sheet.roles[lives.alive] & KEPT_JAR) == 0]
    browser_last = sheet.highest(by_browser, sheet.inv[by_browser])
    took = (sheet.roles[gone] & TOOK_COOKIE) != 0
    hidden = sheet.ret[gone] >= browser_last[sheet.session[gone]]
    evicting = took & hidden & ((sheet.roles[gone] & KEPT_JAR) == 0)
    evicted = np.zeros(sheet.sessions, bool)
    evicted[sheet.session[gone[evicting]]] = True
    last = _last_alive(sheet, lives)
    last_of_browser = _row_with(sheet, by_browser, sheet.inv[by_browser], browser_last)
    for anomaly, chosen in (
        (Anomaly.CLIENT_EVICTED, evicting),
        (Anomaly.FLICKERING_SESSION, ~hidden | ~evicted[sheet.session[gone]]),
    ):
        at = _first_per_session(sheet, gone[chosen])
        session = sheet.session[at]
        # Where a browser saw it alive later, that is what tells it from an eviction: the kept cookie alone would not.
        seen = np.where(sheet.ret[at] < browser_last[session], last_of_browser[session], last[session])
        rows = told_in((_proof_of_birth(sheet, lives)[session], sheet.rows[at], seen))
        yield Marks(anomaly=anomaly, case=Case.GONE_THEN_ALIVE, session=sheet.names[session], rows=rows)


def _lost(sheet: Sheet, lives: Lives) -> Iterator[Marks]:
    """Gone, nothing explains it, never alive again."""
    gone = lives.gone[~lives.explained]
    gone = gone[sheet.ret[gone] >= lives.alive_last[sheet.session[gone]]]
    if not len(gone):
        return
    alive_once = lives.alive_last > sheet.base
    logged_in = np.zeros(sheet.sessions, bool)
    logged_in[sheet.session[sheet.where(LOGIN_OK)]] = True
    recreated = np.zeros(sheet.sessions, bool)
    was_recreated = (sheet.roles[gone] & RECREATED) != 0
    recreated[sheet.session[gone[was_recreated]]] = True
    stored = (alive_once | ~logged_in)[sheet.session[gone]]
    in_place = recreated[sheet.session[gone]]
    birth, last = _proof_of_birth(sheet, lives), _last_alive(sheet, lives)
    for anomaly, case, chosen in (
        (Anomaly.LOGIN_NOT_STORED, Case.NEVER_ALIVE, ~stored),
        (Anomaly.RECREATED_SESSION, Case.GONE, stored & was_recreated),
        (Anomaly.LOST_SESSION, Case.GONE, stored & ~in_place),
    ):
        at = _first_per_session(sheet, gone[chosen])
        session = sheet.session[at]
        refresh = last_refresh(sheet, at)
        rows = told_in((birth[session], refresh, last[session], sheet.rows[at]))
        figures = np.stack((last[session], refresh), axis=1)
        yield Marks(anomaly=anomaly, case=case, session=sheet.names[session], rows=rows, figures=figures)


def _outlived(sheet: Sheet) -> Iterator[Marks]:
    """Alive though nothing can have refreshed it for longer than its time to live."""
    limit = too_long_ns(sheet.survey.header)
    if limit is None:
        return
    alive, idle, refresh = idle_ns(sheet)
    late = alive[idle > limit]
    rows = told_in((refresh[idle > limit], sheet.rows[late]))
    yield Marks(
        anomaly=Anomaly.LATE_EXPIRY,
        case=Case.OUTLIVED,
        session=sheet.names[sheet.session[late]],
        rows=rows,
        figures=idle[idle > limit][:, None],
    )


def _first_per_session(sheet: Sheet, at: Ints) -> Ints:
    at = at[ascending(sheet.inv[at])]
    session = sheet.session[at]
    return at[np.concatenate((np.ones(1, bool), session[1:] != session[:-1]))] if len(at) else at


def _row_with(sheet: Sheet, at: Ints, values: Ints, wanted: Ints) -> Ints:
    """Per session the row of an operation with the wanted value, NO_ROW where there is none."""
    rows = np.full(sheet.sessions, NO_ROW)
    hit: Flags = values == wanted[sheet.session[at]]
    rows[sheet.session[at[hit]]] = sheet.rows[at[hit]]
    return rows


def _last_alive(sheet: Sheet, lives: Lives) -> Ints:
    return _row_with(sheet, lives.alive, sheet.inv[lives.alive], lives.alive_last)


def _proof_of_birth(sheet: Sheet, lives: Lives) -> Ints:
    """Per session the row of the operation by whose return it provably existed."""
    proof = np.concatenate((lives.alive, sheet.where(LOGIN_OK)))
    return _row_with(sheet, proof, sheet.ret[proof], lives.born)


def _other_login(sheet: Sheet, logout: Ints, bad: Ints) -> Ints:
    """Per logout of another session that session's login: it tells whose logout it was."""
    acting = sheet.columns.session[np.maximum(logout, 0)]
    other = (logout != NO_ROW) & (acting != sheet.names[bad])
    return np.where(other, sheet.survey.login_row[acting], NO_ROW)

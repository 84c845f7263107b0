"""Time to live: whether a session may have expired, or must have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.evidence import ALIVE, LOGIN, LOGIN_OK, MAY_STORE, MAY_USE, STORED, USED
from outlast.checkers.marks import NO_ROW
from outlast.checkers.order import ascending, holders
from outlast.checkers.sheet import Sheet
from outlast.history.columns import NEVER, Ints
from outlast.history.history import Header, Refresh

SURE = {Refresh.ACCESS: USED, Refresh.WRITE: STORED, Refresh.LOGIN: LOGIN_OK}
"""What surely moves the expiry."""
POSSIBLE = {Refresh.ACCESS: MAY_USE, Refresh.WRITE: MAY_STORE, Refresh.LOGIN: LOGIN}
"""What may move it."""

Flags = NDArray[np.bool_]


def may_have_expired(sheet: Sheet, gone: Ints) -> Flags:
    """Answers that saw the session gone -> whether expiry may be why.

    It may iff r.ret >= a.inv + TTL - granularity for every sure refresh a with a.ret < r.inv. Cost: a sort of the
    refreshes of the sessions concerned.
    """
    header = sheet.survey.header
    if header.ttl_s is None:
        return np.zeros(len(gone), bool)
    refresh = last_refresh(sheet, gone)
    columns, error = sheet.columns, sheet.survey.clock_error_ns
    earliest = columns.invoked_ns[np.maximum(refresh, 0)] - error + _nanoseconds(header.ttl_s - header.granularity_s)
    may: Flags = (refresh == NO_ROW) | (sheet.told.returned_ns[gone] + error >= earliest)
    return may


def last_refresh(sheet: Sheet, at: Ints) -> Ints:
    """Per operation the row of the sure refresh, finished before it began, that was invoked last; NO_ROW for none."""
    concerned = np.zeros(sheet.sessions, bool)
    concerned[sheet.session[at]] = True
    sure = sheet.where(SURE[sheet.survey.header.ttl_refresh])
    sure = sure[concerned[sheet.session[sure]]]
    if not len(sure):
        return np.full(len(at), NO_ROW)
    sure = sure[ascending(sheet.ret[sure])]
    holder = holders(sheet.inv[sure])
    place = np.searchsorted(sheet.ret[sure], sheet.inv[at], side="left") - 1
    found = sure[holder[np.maximum(place, 0)]]
    mine = (place >= 0) & (sheet.session[found] == sheet.session[at])
    return np.where(mine, sheet.rows[found], NO_ROW)


def idle_ns(sheet: Sheet) -> tuple[Ints, Ints, Ints]:
    """(alive, idle, refresh): answers that saw the session alive, for how long nothing had refreshed it before, and
    the row of the last possible refresh.

    -1 where that is not known: nothing came before it, or something of unknown outcome may still have refreshed it.
    What began no earlier than the answer cannot have kept it alive: it would have had to find the session alive itself.
    Example: two reads at once, long after the time to live, that both see it alive; neither excuses the other.
    Cost: a sort of the possible refreshes.
    """
    alive = sheet.where(ALIVE)
    possible = sheet.where(POSSIBLE[sheet.survey.header.ttl_refresh])
    if not len(possible) or not len(alive):
        return alive, np.full(len(alive), -1), np.full(len(alive), NO_ROW)
    possible = possible[ascending(sheet.inv[possible])]
    holder = holders(sheet.ret[possible])
    last = np.searchsorted(sheet.inv[possible], sheet.inv[alive], side="left") - 1
    found = possible[holder[np.maximum(last, 0)]]
    known = (last >= 0) & (sheet.session[found] == sheet.session[alive])
    known &= sheet.ret[found] < sheet.inv[alive]
    error = sheet.survey.clock_error_ns
    returned = np.where(known, sheet.told.returned_ns[found], 0)
    known &= returned != NEVER
    idle = sheet.told.invoked_ns[alive] - returned - 2 * error
    return alive, np.where(known, idle, -1), np.where(known, sheet.rows[found], NO_ROW)


def too_long_ns(header: Header) -> int | None:
    """How long a session may be idle and still be alive; None: it does not expire."""
    return None if header.ttl_s is None else _nanoseconds(header.ttl_s + header.granularity_s)


def _nanoseconds(seconds: float) -> int:
    return round(seconds * 1e9)

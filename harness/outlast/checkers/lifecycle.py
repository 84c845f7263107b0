"""Lifecycle of a session: login, use, logout, expiry; whether anything explains that it was seen gone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.endings import Endings, may_be_evicted
from outlast.checkers.evidence import A_LOGIN, ALIVE, GONE, LOGIN_OK
from outlast.checkers.expiry import may_have_expired
from outlast.checkers.sheet import Sheet
from outlast.history.columns import Ints

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lives:
    """What is known of each session's life. Arrays per session, but for `gone` and those beside it: per gone answer.

    born: the first instant by which the session provably existed; minus infinity where its login is not recorded, yet
    something saw it alive: its name is that of a login. alive_last: the last invocation that saw it alive (minus
    infinity: never). gone: positions of the answers that saw it gone after it existed. logged_out: a logout
    that may have ended it was invoked by then. explained: a logout, an eviction or expiry may be why.
    """

    born: Ints
    alive: Ints
    alive_last: Ints
    gone: Ints
    logged_out: Flags
    explained: Flags


def lives_of(sheet: Sheet, endings: Endings) -> Lives:
    """Sheet -> Lives. Cost: O(n); a sort over the sessions that were seen gone, where they can expire."""
    alive = sheet.where(ALIVE)
    proof = np.concatenate((sheet.where(LOGIN_OK), alive))
    born = sheet.lowest(proof, sheet.ret[proof])
    before_all = sheet.having(ALIVE) & ~sheet.having(A_LOGIN)
    born[before_all] = sheet.base[before_all]
    alive_last = sheet.highest(alive, sheet.inv[alive])
    gone = sheet.where(GONE)
    gone = gone[sheet.inv[gone] > born[sheet.session[gone]]]
    session = sheet.session[gone]
    logged_out = sheet.ret[gone] >= endings.first_logout[session]
    evicted = may_be_evicted(sheet, gone, alive_last)
    expired = may_have_expired(sheet, gone)
    return Lives(
        born=born,
        alive=alive,
        alive_last=alive_last,
        gone=gone,
        logged_out=logged_out,
        explained=logged_out | evicted | expired,
    )

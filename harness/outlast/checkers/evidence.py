"""What each operation is evidence of: one table look-up per operation instead of a cascade of comparisons.

The rules are judge.md's: only answers through the balancer are judged; an answer to the kept cookie counts for the
lifecycle alone; values and counters of answers that did not see the session alive are ignored.
"""

from __future__ import annotations

from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from outlast.history.columns import COOKIES, JARS, KINDS, NEVER, OUTCOMES, SEEN, VIAS, Columns, Ints
from outlast.history.operation import VIA_BALANCER, Cookie, Jar, Kind, Outcome, Seen

READ: Final = 1 << 0
"""Its value, counter and effects count: ok, through the balancer, with the browser's cookie, and not seen gone."""
WRITE: Final = 1 << 1
"""Acknowledged, and surely a write of this session."""
WRITE_MAYBE: Final = 1 << 2
"""May have happened at any time after it was invoked, or never.

Unknown outcomes; and acknowledged writes that saw no session, or went past the balancer: where they went is not known.
"""
WRITE_FAILED: Final = 1 << 3
INCREMENT: Final = 1 << 4
INCREMENT_MAYBE: Final = 1 << 5
ALIVE: Final = 1 << 6
"""The answer saw the session alive. A login's own answer is no proof: it shows what was made, not what was kept."""
GONE: Final = 1 << 7
"""The answer saw no session, or a new empty one in its place."""
RECREATED: Final = 1 << 8
LOGIN_OK: Final = 1 << 9
LOGIN: Final = 1 << 10
"""A login that may have taken effect."""
LOGOUT_OK: Final = 1 << 11
LOGOUT: Final = 1 << 12
"""A logout that may have taken effect, wherever it was sent."""
KEPT_JAR: Final = 1 << 13
JUDGED: Final = 1 << 14
"""Went through the balancer."""
OK: Final = 1 << 15
"""Acknowledged through the balancer."""
USED: Final = 1 << 16
"""Surely used the session: acknowledged, and not seen gone."""
STORED: Final = 1 << 17
"""Surely wrote to the session: an acknowledged login, write or increment."""
MAY_USE: Final = 1 << 18
"""May have used the session, and so have moved its expiry: anything that reached the app, or may have."""
MAY_STORE: Final = 1 << 19

INCREMENT_FAILED: Final = 1 << 20
SHOWN: Final = 1 << 21
"""The answer showed something of the session: it, that it is gone, or what is in its place."""
UNKNOWN: Final = 1 << 22
A_LOGIN: Final = 1 << 23
"""Whatever it came to."""
STREAM: Final = 1 << 24
ASSET: Final = 1 << 25
TOOK_COOKIE: Final = 1 << 26
"""The answer deleted or replaced the session's cookie."""
FAILED: Final = 1 << 27
"""Refused, cut, timed out or 5xx."""
MISSING: Final = 1 << 28
"""A page's own asset that answered 404."""

Roles = NDArray[np.uint32]
Flags = NDArray[np.bool_]
ALL: Final = slice(None)
SERVER_ERROR: Final = 500
NOT_FOUND: Final = 404
_UNKNOWN, _FAIL = (OUTCOMES.index(outcome) for outcome in (Outcome.UNKNOWN, Outcome.FAIL))


def evidence_of(columns: Columns, rows: Ints | slice = ALL) -> Roles:
    """Operations -> one word of all the bits above for each. Cost: O(n), a look-up and a few passes over narrow
    columns."""
    roles = roles_of(columns, rows)
    status = columns.status[rows]
    roles[failed_of(columns, rows)] |= np.uint32(FAILED)
    roles[columns.cookie[rows] != COOKIES.index(Cookie.KEPT)] |= np.uint32(TOOK_COOKIE)
    missing = status == NOT_FOUND
    if missing.any():
        roles[missing & ((roles & (ASSET | JUDGED)) == (ASSET | JUDGED))] |= np.uint32(MISSING)
    never = columns.returned_ns[rows] == NEVER
    if never.any():  # what was never answered showed nothing
        roles[never] &= ~np.uint32(ALIVE | GONE | RECREATED | SHOWN)
        roles[never & (columns.outcome[rows] == _FAIL)] &= ~np.uint32(MAY_USE)
    return roles


def roles_of(columns: Columns, rows: Ints | slice = ALL) -> Roles:
    """Operations -> the bits that kind, outcome, seen, jar and via tell. Cost: O(n), one look-up each."""
    code = columns.kind[rows].astype(np.uint16)
    for column, size in (
        (columns.outcome, len(OUTCOMES)),
        (columns.seen, len(SEEN)),
        (columns.jar, len(JARS)),
        (columns.via, len(VIAS)),
    ):
        code *= size
        code += column[rows]
    return _TABLE[code]


def failed_of(columns: Columns, rows: Ints | slice = ALL) -> Flags:
    """Operations -> which failed: refused, cut, timed out, 5xx. An app's "no" (401, 403) is an answer. Cost: O(n)."""
    outcome, status = columns.outcome[rows], columns.status[rows]
    refused = (outcome == _FAIL) & (status == 0) & (columns.seen[rows] == 0)
    failed: Flags = (outcome == _UNKNOWN) | (status >= SERVER_ERROR) | refused
    return failed


def roles_of_case(kind: Kind, outcome: Outcome, seen: Seen | None, jar: Jar, via: str) -> int:
    """What an operation is evidence of, by what everybody can tell of it -> the bits above."""
    judged = via == VIA_BALANCER
    browser = judged and jar is Jar.BROWSER
    ok = outcome is Outcome.OK
    happened = outcome is not Outcome.FAIL
    gone = outcome is not Outcome.UNKNOWN and seen in (Seen.ANONYMOUS, Seen.RECREATED)
    alive = outcome is not Outcome.UNKNOWN and seen is Seen.ALIVE
    sure = ok and browser and not gone
    storing = kind in (Kind.LOGIN, Kind.WRITE, Kind.INCREMENT)
    bits = {
        READ: kind is Kind.READ and sure,
        WRITE: kind is Kind.WRITE and sure,
        WRITE_MAYBE: kind is Kind.WRITE and happened and not sure,
        WRITE_FAILED: kind is Kind.WRITE and not happened,
        INCREMENT: kind is Kind.INCREMENT and sure,
        INCREMENT_MAYBE: kind is Kind.INCREMENT and happened and not sure,
        ALIVE: judged and alive and kind is not Kind.LOGIN,
        GONE: judged and gone and kind is not Kind.LOGIN,
        RECREATED: judged and gone and seen is Seen.RECREATED and kind is not Kind.LOGIN,
        LOGIN_OK: judged and ok and kind is Kind.LOGIN,
        LOGIN: happened and kind is Kind.LOGIN,
        LOGOUT_OK: judged and ok and kind is Kind.LOGOUT,
        LOGOUT: happened and kind is Kind.LOGOUT,
        KEPT_JAR: jar is Jar.KEPT,
        JUDGED: judged,
        OK: judged and ok,
        USED: ok and judged and not gone and (alive or storing) and kind is not Kind.LOGOUT,
        STORED: ok and judged and not gone and storing,
        MAY_USE: happened or alive,
        MAY_STORE: happened and storing,
        INCREMENT_FAILED: kind is Kind.INCREMENT and not happened,
        SHOWN: judged and seen is not None and outcome is not Outcome.UNKNOWN,
        UNKNOWN: outcome is Outcome.UNKNOWN,
        A_LOGIN: kind is Kind.LOGIN,
        STREAM: kind is Kind.STREAM,
        ASSET: kind is Kind.ASSET,
    }
    return sum(bit for bit, holds in bits.items() if holds)


_TABLE: Final = np.array([roles_of_case(*case) for case in product(KINDS, OUTCOMES, SEEN, JARS, VIAS)], np.uint32)

"""Why a session may not be called fine although nothing is wrong with it: there is no evidence, or it cannot be
trusted."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.endings import Endings
from outlast.checkers.evidence import ALIVE, GONE, LOGIN_OK, OK, READ
from outlast.checkers.lifecycle import Lives
from outlast.checkers.register import Clusters, unverified
from outlast.checkers.sheet import Sheet

Flags = NDArray[np.bool_]


class Doubt(StrEnum):
    """One reason, as the session's line tells it."""

    NOTHING_ACKNOWLEDGED = "no operation of it was acknowledged"
    NEVER_ASKED = "it was never asked after its login"
    NOT_ASKED_AFTER_HEAL = "it was never asked after heal"
    UNREAD_WRITE = "no later read could have shown its last acknowledged write"
    SAME_WRITE_TWICE = "two of its writes carry one token"
    TWO_AT_ONCE = "one client did two things at once"
    ALWAYS_GONE = "it was only ever seen gone, and no login of it is recorded"


def doubts_of(sheet: Sheet, clusters: Clusters, lives: Lives, endings: Endings) -> dict[Doubt, Flags]:
    """Sheet -> reasons by session. What ended, legally or not, has nothing left to prove. Cost: O(n)."""
    flags: dict[Doubt, Flags] = {}
    ended = endings.first_logout < sheet.end(np.arange(sheet.sessions))
    gone = np.zeros(sheet.sessions, bool)
    gone[sheet.session[lives.gone]] = True
    over = ended | gone
    flags[Doubt.NOTHING_ACKNOWLEDGED] = ~sheet.having(OK | ALIVE | GONE)
    existed = sheet.having(LOGIN_OK | ALIVE | READ)
    shown = sheet.having(ALIVE | GONE | READ)
    flags[Doubt.NEVER_ASKED] = existed & ~shown & ~over
    flags[Doubt.ALWAYS_GONE] = sheet.having(GONE) & ~existed
    flags[Doubt.NOT_ASKED_AFTER_HEAL] = existed & ~over & ~_answered_after_heal(sheet)
    flags[Doubt.UNREAD_WRITE] = unverified(sheet, clusters) & ~over
    flags[Doubt.SAME_WRITE_TWICE] = clusters.twice
    return flags


def _answered_after_heal(sheet: Sheet) -> Flags:
    """Where nothing was harmed, nothing healed: then every session counts as asked."""
    survey = sheet.survey
    if not survey.header.faults or survey.heal_ns is None:
        return np.ones(sheet.sessions, bool)
    telling = sheet.where(ALIVE | GONE | OK)
    after = telling[sheet.told.invoked_ns[telling] > survey.heal_ns]
    found = np.zeros(sheet.sessions, bool)
    found[sheet.session[after]] = True
    return found

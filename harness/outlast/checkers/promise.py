"""What an experiment declares for an architecture, and whether it was kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.exposure import Exposed
from outlast.checkers.judgement import Expectation, SessionVerdicts
from outlast.checkers.vacuity import NOBODY_EXPOSED

LOST: Final = (
    Anomaly.LOST_SESSION,
    Anomaly.RECREATED_SESSION,
    Anomaly.LOGIN_NOT_STORED,
    Anomaly.CLIENT_EVICTED,
    Anomaly.PREMATURE_EXPIRY,
)
"""The user's session is gone for good."""
BROKEN: Final = (
    *LOST,
    Anomaly.FLICKERING_SESSION,
    Anomaly.LOST_WRITE,
    Anomaly.LOST_UPDATE,
    Anomaly.STALE_READ,
    Anomaly.NON_MONOTONIC_READ,
    Anomaly.SPLIT_BRAIN,
)
"""What may befall a session that is lost: before it is gone for good it may come, go and forget."""
FORGOTTEN: Final = (*BROKEN, Anomaly.RESURRECTED_SESSION)
"""What shows when something acknowledged is forgotten: a login, a write, an increment, a logout."""
ASKED_OFTEN: Final = 12
"""A session asked so often cannot have met its own replica each time by luck: (1/2)^12 is 0.0002."""


class Loses(StrEnum):
    """Whose sessions."""

    NOTHING = "nothing"
    RECENT_WRITES = "recent writes"
    EXACTLY_THE_VICTIMS = "exactly the victim's"
    ALL = "all"
    ALL_EVEN_WITHOUT_FAULT = "all, even without a fault"


_SENTENCES: Final = {
    Loses.NOTHING: "loses nothing",
    Loses.RECENT_WRITES: "loses acknowledged writes, and only recent ones",
    Loses.EXACTLY_THE_VICTIMS: "loses exactly the victim's sessions",
    Loses.ALL: "loses every session that was alive at the onset",
    Loses.ALL_EVEN_WITHOUT_FAULT: "loses every session, even without a fault",
}


@dataclass(frozen=True, slots=True)
class Promise:
    """Whose sessions are lost; `also`: anomalies expected besides; `unavailable`: users may be stuck while the fault
    lasts; `younger_than_s`: what was acknowledged in so many seconds before the onset, or while the fault was in force,
    may be lost (recent.py), None: nothing for being recent."""

    loses: Loses
    also: tuple[Anomaly, ...] = ()
    unavailable: bool = False
    younger_than_s: float | None = None

    @property
    def sentence(self) -> str:
        """What the architecture does, in words."""
        words = _SENTENCES[self.loses]
        if self.younger_than_s is not None:
            but = " but what was" if self.loses is Loses.NOTHING else ":"
            words += f"{but} acknowledged in the last {self.younger_than_s:g} s before the fault, or during it"
        if self.also:
            words += f", and shows {', '.join(self.also)}"
        return f"{words}; it may be unavailable meanwhile" if self.unavailable else words


def loses_nothing(
    also: Iterable[Anomaly] = (), unavailable: bool = False, but_writes_younger_than_s: float | None = None
) -> Promise:
    """No session, no acknowledged write; or none but those acknowledged shortly before the onset or during the fault.

    A login and a logout are writes too. The verdict by the gates knows no such exception: what is lost is lost.
    """
    return Promise(Loses.NOTHING, tuple(also), unavailable, but_writes_younger_than_s)


def loses_writes_younger_than_s(seconds: float, also: Iterable[Anomaly] = (), unavailable: bool = False) -> Promise:
    """At least one acknowledged write; and none older than so many seconds at the onset."""
    return Promise(Loses.RECENT_WRITES, tuple(also), unavailable, seconds)


def loses_exactly_the_victims(also: Iterable[Anomaly] = (), unavailable: bool = False) -> Promise:
    """Each session that lived on the victim at the onset, and no other."""
    return Promise(Loses.EXACTLY_THE_VICTIMS, tuple(also), unavailable)


def loses_all(also: Iterable[Anomaly] = (), unavailable: bool = False) -> Promise:
    """Each session that was alive at the onset."""
    return Promise(Loses.ALL, tuple(also), unavailable)


def loses_all_even_without_fault(also: Iterable[Anomaly] = (), unavailable: bool = False) -> Promise:
    """Each session, sooner or later, whatever happens."""
    return Promise(Loses.ALL_EVEN_WITHOUT_FAULT, tuple(also), unavailable)


def promise_document(promise: Promise) -> dict[str, Any]:
    """Promise -> what plan.json holds."""
    document = {
        "loses": promise.loses.value,
        "also": [a.value for a in promise.also],
        "unavailable": promise.unavailable,
    }
    return document if promise.younger_than_s is None else document | {"younger_than_s": promise.younger_than_s}


def promise_of(document: Mapping[str, Any]) -> Promise:
    """What plan.json holds -> Promise. Raises ValueError, KeyError, TypeError."""
    also = tuple(Anomaly(name) for name in document.get("also", ()))
    younger = document.get("younger_than_s")
    return Promise(
        Loses(document["loses"]),
        also,
        bool(document.get("unavailable", False)),
        None if younger is None else float(younger),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a promise is held against.

    asked: how often each session was answered. vacuous: why nothing is proven. failing: gates that did not hold.
    older: the same sessions judged without what was recent (recent.py), where the promise asks for it.
    """

    sessions: SessionVerdicts
    exposed: Exposed
    asked: NDArray[np.int64]
    vacuous: tuple[str, ...]
    failing: tuple[str, ...] = ()
    older: SessionVerdicts | None = None


def expectation_of(promise: Promise, evidence: Evidence) -> Expectation:
    """Promise and evidence -> kept, broken, or (None) not put to the test. Compares sets of sessions, not numbers."""
    expected = _expected_to_be_lost(promise, evidence)
    broken = _unexpected(promise, evidence, expected)
    missing, untested = _not_lost(promise, evidence, expected)
    vacuous = evidence.vacuous
    if promise.loses is Loses.ALL_EVEN_WITHOUT_FAULT:  # whom the fault struck does not matter where all are lost anyway
        vacuous = tuple(reason for reason in vacuous if reason != NOBODY_EXPOSED)
    if not vacuous:
        broken += missing
    if broken:
        return Expectation(promise=promise.sentence, kept=False, reasons=broken)
    reasons = (*vacuous, *untested)
    return Expectation(promise=promise.sentence, kept=None if reasons else True, reasons=reasons)


def _expected_to_be_lost(promise: Promise, evidence: Evidence) -> NDArray[np.bool_]:
    if promise.loses is Loses.EXACTLY_THE_VICTIMS:
        return evidence.exposed.on_victim
    if promise.loses is Loses.ALL:
        return evidence.exposed.alive & ~evidence.exposed.excluded
    whole = promise.loses is Loses.ALL_EVEN_WITHOUT_FAULT
    return evidence.sessions.present if whole else np.zeros_like(evidence.sessions.present)


def _unexpected(promise: Promise, evidence: Evidence, expected: NDArray[np.bool_]) -> tuple[str, ...]:
    """Anomalies that nobody declared. Of an excluded session a loss proves nothing either way."""
    sessions, excluded = evidence.sessions, evidence.exposed.excluded
    anywhere = promise.loses in (Loses.NOTHING, Loses.RECENT_WRITES)
    reasons = []
    for bit, anomaly in enumerate(Anomaly):
        if not sessions.gated >> bit & 1 or anomaly in promise.also:
            continue
        if anomaly in (Anomaly.STUCK_USER, Anomaly.FAILED_REQUEST) and promise.unavailable:
            continue
        if anomaly is Anomaly.FAILED_REQUEST:  # its gate is a share of all requests, which no single session breaks
            reasons += ["more requests failed than its gate allows"] * (anomaly.value in evidence.failing)
            continue
        seen = evidence.older if evidence.older is not None and anomaly in FORGOTTEN else sessions
        having = seen.having((anomaly,))
        if anomaly in BROKEN:
            having &= ~expected
            if not anywhere:
                having &= ~excluded
        if count := int(having.sum()):
            first = sessions.names[int(np.flatnonzero(having)[0])]
            where = "" if anywhere else " that it should not have befallen"
            reasons.append(f"{anomaly.value}: {count} session{'s' * (count != 1)}{where}, the first {first!a}")
    return tuple(reasons)


def _not_lost(
    promise: Promise, evidence: Evidence, expected: NDArray[np.bool_]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(why it is broken, why it was not tested): sessions that should be lost and were seen alive; nobody who was
    lost."""
    sessions = evidence.sessions
    if promise.loses is Loses.NOTHING:
        return (), ()
    if promise.loses is Loses.RECENT_WRITES:
        lost = sessions.having(FORGOTTEN)
        return (() if lost.any() else ("nothing was lost: no acknowledged write was at risk, or all were kept",)), ()
    if promise.loses is Loses.ALL_EVEN_WITHOUT_FAULT:
        lost = sessions.having(BROKEN)
        often = expected & (evidence.asked >= ASKED_OFTEN)
        kept = often & ~lost & ~_doubtful(sessions)
    else:
        lost = sessions.having(LOST)
        exposed = evidence.exposed
        after = exposed.alive_after_any if promise.loses is Loses.ALL else exposed.alive_after
        kept = expected & ((~lost & after) | exposed.outlasted)
    missing: tuple[str, ...] = ()
    if count := int(kept.sum()):
        first = sessions.names[int(np.flatnonzero(kept)[0])]
        missing = (f"{count} session{'s' * (count != 1)} should have been lost and outlasted it, the first {first!a}",)
    if not (expected & lost).any():
        return missing, ("no session that should be lost could be told to be",)
    return missing, ()


def _doubtful(sessions: SessionVerdicts) -> NDArray[np.bool_]:
    doubtful: NDArray[np.bool_] = sessions.doubts > 0
    return doubtful

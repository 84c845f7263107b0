"""What a history came to: the verdict, its reasons, and everything that it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.checker import Finding
from outlast.checkers.doubts import Doubt
from outlast.checkers.verdict import Verdict
from outlast.history.columns import Names
from outlast.history.history import FaultWindow

ANOMALIES = tuple(Anomaly)
DOUBTS = tuple(Doubt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How often one anomaly was found. A session's same loss counts once; failed requests count each.

    count includes `allowed`, what the guarantee permits. The bounds are exact one-sided 95 % bounds of the probability
    per exposed session and per fault (the independent trial), of what is not allowed; None where there was no trial.
    """

    anomaly: Anomaly
    count: int
    allowed: int
    per_session: float | None
    per_fault: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """A limit and what was measured against it."""

    name: str
    limit: float
    value: float | None
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much was judged. unknown: operations of unknown outcome. acknowledged_writes: writes and increments."""

    operations: int
    sessions: int
    acknowledged_writes: int
    unknown: int
    failed_requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """How much could have been lost."""

    faults: int
    sessions_on_victim: int
    sessions_excluded: int
    writes_in_flight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What was declared, and whether it was kept; None: it could not be put to the test."""

    promise: str
    kept: bool | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionVerdict:
    """One session's line."""

    session: str
    verdict: Verdict
    anomalies: tuple[Anomaly, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SessionVerdicts:
    """Every session's verdict, made as it is asked for: there may be millions.

    anomalies: per session one bit per anomaly, in the order of ANOMALIES. allowed: those among them that the guarantee
    permits. gated: the bits that fail a session. doubts: one bit per reason, in the order of DOUBTS. present: sessions
    with operations.
    """

    names: Names
    present: NDArray[np.bool_]
    anomalies: NDArray[np.uint64]
    allowed: NDArray[np.uint64]
    doubts: NDArray[np.uint64]
    gated: int

    def __len__(self) -> int:
        return int(self.present.sum())

    def __iter__(self) -> Iterator[SessionVerdict]:
        return (self.of(session) for session in np.flatnonzero(self.present).tolist())

    def of(self, session: int) -> SessionVerdict:
        """Position of a session -> its verdict."""
        found, doubted = int(self.anomalies[session]), int(self.doubts[session])
        against = found & ~int(self.allowed[session])
        verdict = Verdict.FAIL if against & self.gated else Verdict.INCONCLUSIVE if doubted else Verdict.PASS
        return SessionVerdict(
            session=self.names[session],
            verdict=verdict,
            anomalies=tuple(a for bit, a in enumerate(ANOMALIES) if found >> bit & 1),
            reasons=tuple(d.value for bit, d in enumerate(DOUBTS) if doubted >> bit & 1),
        )

    def having(self, anomalies: Sequence[Anomaly]) -> NDArray[np.bool_]:
        """Which sessions have any of these, allowed ones not counted."""
        bits = np.uint64(bits_of(anomalies))
        hit: NDArray[np.bool_] = (self.anomalies & ~self.allowed & bits) != 0
        return hit

    def doubted(self, doubt: Doubt) -> NDArray[np.bool_]:
        """Which sessions have this doubt and no anomaly that fails them."""
        fine = (self.anomalies & ~self.allowed & np.uint64(self.gated)) == 0
        hit: NDArray[np.bool_] = ((self.doubts >> np.uint64(DOUBTS.index(doubt))) & np.uint64(1)).astype(bool) & fine
        return hit


def bits_of(anomalies: Sequence[Anomaly]) -> int:
    """Anomalies -> their bits in the order of ANOMALIES."""
    return sum(1 << ANOMALIES.index(anomaly) for anomaly in anomalies)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """All of it. findings are capped per anomaly (`showing` tells how many of each were found in all); tallies never
    are."""

    verdict: Verdict
    reasons: tuple[str, ...]
    tallies: Mapping[Anomaly, Tally]
    gates: tuple[GateResult, ...]
    counts: Counts
    exposure: Exposure
    findings: tuple[Finding, ...]
    sessions: SessionVerdicts
    faults: tuple[FaultWindow, ...] = ()
    recovery_s: float | None = None
    longest_stall_ms: float | None = None
    expectation: Expectation | None = None
    seed: int | None = None
    not_tested: tuple[str, ...] = field(default=())

"""verdict.json as the renderers read it: typed, and tolerant of whatever an older or newer version left out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.figures import FIGURES
from outlast.checkers.verdict import Verdict
from outlast.render.plain import plain

OF_REQUESTS: Final = frozenset(
    anomaly for anomaly in Anomaly if anomaly.default_limit is None and anomaly is not Anomaly.CUT_STREAM
)
"""Findings that are about requests rather than about what became of a session; they have the curves."""
_MEANINGS: Final = {
    **{anomaly.value: anomaly.meaning for anomaly in Anomaly},
    **FIGURES,
}
_VERDICTS: Final = {verdict.value: verdict for verdict in Verdict}


def meaning(anomaly: str) -> str:
    """What an anomaly's name stands for; empty for a name this version does not know."""
    return _MEANINGS.get(anomaly, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How often one anomaly was found; the bounds are one-sided 95 % bounds of a probability, None when not told."""

    name: str
    found: int
    allowed: int = 0
    per_session: float | None = None
    per_fault: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A number that was set, and what was measured against it."""

    name: str
    limit: float | None
    value: float | None
    ok: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """A fault as the verdict tells it."""

    name: str
    nodes: tuple[str, ...]
    proven: bool
    healed: bool
    onset_error_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One finding. `moments`: (invoked_ns, client) of the operations that prove it, in the order of the telling."""

    anomaly: str
    session: str
    because: str = ""
    phase: str = ""
    fault: str = ""
    layer: str = ""
    allowed: bool = False
    moments: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutStage:
    """While so many of the replicas ran the new build: assets asked for, and those that were not there."""

    upgraded: int
    replicas: int
    asked: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamsTold:
    """How the streams fared; at_onset: replica -> those that it was sending when the fault struck, and those cut."""

    opened: int
    cut: int
    resumed: int
    resume_ms_p50: float | None
    resume_ms_p95: float | None
    at_onset: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaTold:
    """What one replica answered before anything was broken."""

    name: str
    operations: int
    sessions: int
    costly: int
    read_ms_p95: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedTold:
    """While it was there, a new replica answered so many of the operations of those who were there before, and of those
    who came later."""

    name: str
    old: int
    old_here: int
    new: int
    new_here: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadTold:
    """Which replica served how much; imbalance: the most asked one by the mean."""

    replicas: tuple[ReplicaTold, ...]
    imbalance: float | None
    joined: tuple[JoinedTold, ...]

    @property
    def costly(self) -> bool:
        """Whether anything made a replica compute."""
        return any(replica.costly for replica in self.replicas)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One run's verdict. Every text in it is plain; a number that was not told is None."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    seed: int | None = None
    experiment: str = ""
    architecture: str = ""
    engine: str = ""
    promise: str = ""
    kept: bool | None = None
    promise_reasons: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    exposure: Mapping[str, int] = field(default_factory=dict)
    anomalies: Mapping[str, Count] = field(default_factory=dict)
    witnesses: tuple[Found, ...] = ()
    faults: tuple[Harm, ...] = ()
    recovery_s: float | None = None
    longest_stall_ms: float | None = None
    gates: tuple[Gate, ...] = ()
    not_tested: tuple[str, ...] = ()
    rollout: tuple[RolloutStage, ...] = ()
    streams: StreamsTold | None = None
    spread: SpreadTold | None = None

    def found(self, *anomalies: str) -> int:
        """How often these were found in all, allowed ones too."""
        return sum(self.anomalies[name].found for name in anomalies if name in self.anomalies)

    @property
    def telling_witnesses(self) -> tuple[Found, ...]:
        """The witnesses about sessions; a failed request proves itself."""
        return tuple(found for found in self.witnesses if found.anomaly not in OF_REQUESTS)

    @property
    def session_findings(self) -> int:
        """How many findings about sessions were counted."""
        return sum(item.found for item in self.anomalies.values() if item.name not in OF_REQUESTS)

    @property
    def has_promise(self) -> bool:
        """Whether the experiment declared what this architecture must do."""
        return bool(self.promise) or self.kept is not None

    @property
    def come_to(self) -> Verdict:
        """What the exit code follows: the promise where one is declared, else the verdict (formats.md 3)."""
        if not self.has_promise or self.verdict is Verdict.ERROR:
            return self.verdict
        if self.kept is None:
            return Verdict.INCONCLUSIVE
        return Verdict.PASS if self.kept else Verdict.FAIL

    def at_risk(self) -> int | None:
        """n of the bounds per session: the sessions on the victim, or all where nothing was harmed."""
        return self.exposure.get("sessions_on_victim") if self.faults else self.counts.get("sessions")


def document_of(fields: Mapping[str, Any]) -> Document:
    """verdict.json -> Document; what is missing or of the wrong type is left out. Cost: linear in the findings."""
    expectation = _table(fields.get("expectation"))
    witnesses = tuple(_found(item) for item in _items(fields.get("witnesses")))
    anomalies = {plain(name, 80): _count(name, item) for name, item in _table(fields.get("anomalies")).items()}
    stall = _number(fields.get("longest_stall_ms"))
    return Document(
        verdict=_verdict(fields.get("verdict")),
        reasons=_texts(fields.get("reasons")),
        seed=_whole(fields.get("seed")),
        experiment=plain(fields.get("experiment") or "", 120),
        architecture=plain(fields.get("architecture") or "", 120),
        engine=plain(fields.get("engine") or "", 40),
        promise=plain(expectation.get("promise") or ""),
        kept=_flag(expectation.get("kept")),
        promise_reasons=_texts(expectation.get("reasons")),
        counts=_wholes(fields.get("counts")),
        exposure=_wholes(fields.get("exposure")),
        anomalies=anomalies,
        witnesses=witnesses,
        faults=tuple(_harm(item) for item in _items(fields.get("faults"))),
        recovery_s=_number(fields.get("recovery_s")),
        longest_stall_ms=_number(_table(fields.get("counts")).get("longest_stall_ms")) if stall is None else stall,
        gates=tuple(_gate(item) for item in _items(fields.get("gates"))),
        not_tested=_texts(fields.get("not_tested")),
        rollout=tuple(_stage(item) for item in _items(fields.get("rollout"))),
        streams=_streams(_table(fields.get("streams"))),
        spread=_spread(_table(fields.get("spread"))),
    )


def _verdict(word: object) -> Verdict:
    """A word nobody knows is not a pass."""
    return _VERDICTS.get(word, Verdict.INCONCLUSIVE) if isinstance(word, str) else Verdict.INCONCLUSIVE


def _count(name: str, item: object) -> Count:
    fields = _table(item)
    bound = _table(fields.get("upper_bound_95"))
    found = item if isinstance(item, int) else fields.get("count")
    return Count(
        name=plain(name, 80),
        found=_whole(found) or 0,
        allowed=_whole(fields.get("allowed")) or 0,
        per_session=_number(bound.get("per_session")),
        per_fault=_number(bound.get("per_fault")),
    )


def _gate(fields: Mapping[str, Any]) -> Gate:
    return Gate(
        name=plain(fields.get("name") or "", 80),
        limit=_number(fields.get("limit")),
        value=_number(fields.get("value")),
        ok=_flag(fields.get("ok")),
    )


def _harm(fields: Mapping[str, Any]) -> Harm:
    return Harm(
        name=plain(fields.get("name") or "", 80),
        nodes=_texts(fields.get("nodes")),
        proven=fields.get("proven") is True,
        healed=fields.get("healed") is True,
        onset_error_ms=_number(fields.get("onset_error_ms")),
    )


def _stage(fields: Mapping[str, Any]) -> RolloutStage:
    numbers = {name: _whole(fields.get(name)) or 0 for name in ("upgraded", "replicas", "asked", "missing")}
    return RolloutStage(**numbers)


def _streams(fields: Mapping[str, Any]) -> StreamsTold | None:
    if not fields:
        return None
    opened, cut, resumed = (_whole(fields.get(name)) or 0 for name in ("opened", "cut", "resumed"))
    at_onset = {
        plain(name, 80): (_whole(_table(item).get("open")) or 0, _whole(_table(item).get("cut")) or 0)
        for name, item in _table(fields.get("at_onset")).items()
    }
    return StreamsTold(
        opened=opened,
        cut=cut,
        resumed=resumed,
        resume_ms_p50=_number(fields.get("resume_ms_p50")),
        resume_ms_p95=_number(fields.get("resume_ms_p95")),
        at_onset=at_onset,
    )


def _spread(fields: Mapping[str, Any]) -> SpreadTold | None:
    if not fields:
        return None
    replicas = {plain(name, 80): _table(item) for name, item in _table(fields.get("replicas")).items()}
    joined = {plain(name, 80): _wholes(item) for name, item in _table(fields.get("joined")).items()}
    return SpreadTold(
        replicas=tuple(
            ReplicaTold(
                name=name,
                operations=_whole(told.get("operations")) or 0,
                sessions=_whole(told.get("sessions")) or 0,
                costly=_whole(told.get("costly")) or 0,
                read_ms_p95=_number(told.get("read_ms_p95")),
            )
            for name, told in replicas.items()
        ),
        imbalance=_number(fields.get("imbalance")),
        joined=tuple(
            JoinedTold(name=name, **{part: told.get(part, 0) for part in ("old", "old_here", "new", "new_here")})
            for name, told in joined.items()
        ),
    )


def _found(fields: Mapping[str, Any]) -> Found:
    return Found(
        anomaly=plain(fields.get("anomaly") or "", 80),
        session=str(fields.get("session") or ""),
        because=plain(fields.get("because") or "", 600),
        phase=plain(fields.get("phase") or "", 40),
        fault=plain(fields.get("fault") or "", 80),
        layer=plain(fields.get("layer") or "", 40),
        allowed=fields.get("allowed") is True,
        moments=tuple(
            (_whole(o.get("invoked_ns")) or 0, _whole(o.get("client")) or 0) for o in _items(fields.get("operations"))
        ),
    )


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _items(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(value: object) -> tuple[str, ...]:
    return tuple(plain(item) for item in value if isinstance(item, str)) if isinstance(value, list | tuple) else ()


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value)


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _wholes(value: object) -> dict[str, int]:
    return {plain(name, 80): number for name, item in _table(value).items() if (number := _whole(item)) is not None}

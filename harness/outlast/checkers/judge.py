"""Judges a history: every model over every session, then gates, exposure and promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.blocks import blocks, instants_of
from outlast.checkers.bounds import upper_bound
from outlast.checkers.clients import sessions_in_doubt
from outlast.checkers.doubts import Doubt
from outlast.checkers.exposure import Exposed, exposed_of, harm_begins_ns
from outlast.checkers.figures import figures_of
from outlast.checkers.findings import allowed_in, findings_of, once_per_session
from outlast.checkers.gates import gate_results, limits_of
from outlast.checkers.judgement import (
    DOUBTS,
    Counts,
    Expectation,
    GateResult,
    Judgement,
    SessionVerdicts,
    Tally,
    bits_of,
)
from outlast.checkers.marks import Marks
from outlast.checkers.premature import with_premature_expiry
from outlast.checkers.promise import Evidence, Promise, expectation_of
from outlast.checkers.recent import without_recent
from outlast.checkers.recovery import Stalls, stalls_of
from outlast.checkers.sharding import judged_with
from outlast.checkers.sheet_judge import SheetJudgement
from outlast.checkers.storm import storm_marks
from outlast.checkers.survey import Survey, survey_of
from outlast.checkers.vacuity import vacuous
from outlast.checkers.verdict import Verdict, gravest
from outlast.history.columns import OUTCOMES
from outlast.history.history import History, PhaseName
from outlast.history.operation import Outcome

FINDINGS_MAX: Final = 1000
"""So many findings of each anomaly are written out; the tallies count all."""
NEVER_BEGAN: Final = frozenset((Doubt.NOTHING_ACKNOWLEDGED, Doubt.ALWAYS_GONE))
"""Doubts about sessions that may never have been: theirs, not the run's."""


def judge(
    history: History,
    *,
    gates: Mapping[str, float | None] | None = None,
    minimum_rate: float | None = None,
    promise: Promise | None = None,
    processes: int | None = None,
    findings_max: int = FINDINGS_MAX,
) -> Judgement:
    """History -> Judgement; pure.

    `gates`: limits over the defaults, None takes one away. `minimum_rate`: operations per second below which nothing is
    proven. `processes` None: as many as pay. Raises UnknownName and UsageError for bad gates. Cost: O(n log n), some
    0.3 us an operation and process.
    """
    limits = limits_of(gates)
    survey = survey_of(history)
    others = (_doubt, partial(_exposed, minimum_rate=minimum_rate), _stalls)
    sheets, (in_doubt, (exposed, empty), stalls) = judged_with(survey, others, processes)
    marks = with_premature_expiry(survey, [*_marks_of(survey, sheets), *storm_marks(survey)], sheets)
    once = once_per_session(marks)
    sessions = _verdicts(survey, sheets, once, limits, in_doubt)
    counts = _counts(history, sheets, once, sessions)
    tallies = {anomaly: _tally(survey, anomaly, once.get(anomaly, ()), exposed, sessions) for anomaly in Anomaly}
    results = gate_results(limits, tallies, counts, figures_of(survey, once, stalls, limits))
    empty = (*empty, *_doubtful(sessions))
    failing = tuple(gate.name for gate in results if not gate.ok)
    older = None
    if promise is not None and promise.younger_than_s is not None:  # twice the work, for this promise alone
        rest = without_recent(history, promise.younger_than_s)
        older = judge(rest, processes=processes, findings_max=0).sessions
    expectation = _expectation(promise, survey, sheets, sessions, exposed, empty, failing, older)
    verdict, reasons = _verdict(survey, results, once, empty)
    return Judgement(
        verdict=verdict,
        reasons=reasons,
        tallies=tallies,
        gates=results,
        counts=counts,
        exposure=exposed.figures,
        findings=findings_of(survey, once, findings_max),
        sessions=sessions,
        faults=history.header.faults,
        recovery_s=stalls.recovery_s,
        longest_stall_ms=stalls.longest_ms,
        expectation=expectation,
        seed=history.header.seed,
    )


def _doubt(survey: Survey) -> NDArray[np.bool_]:
    return sessions_in_doubt(survey.columns)


def _exposed(survey: Survey, minimum_rate: float | None) -> tuple[Exposed, tuple[str, ...]]:
    exposed = exposed_of(survey)
    return exposed, vacuous(survey, exposed, minimum_rate)


def _stalls(survey: Survey) -> Stalls:
    return stalls_of(History(survey.header, survey.columns))


def _marks_of(survey: Survey, sheets: Sequence[SheetJudgement]) -> list[Marks]:
    """All marks; a user is stuck only if another was not."""
    marks = [marks for sheet in sheets for marks in sheet.marks]
    if any(m.anomaly is Anomaly.STUCK_USER for m in marks):
        columns = survey.columns
        ok = columns.outcome == OUTCOMES.index(Outcome.OK)
        if not (ok & (columns.via == 0) & (columns.invoked_ns > (survey.heal_ns or 0))).any():
            marks = [m for m in marks if m.anomaly is not Anomaly.STUCK_USER]
    return marks


def _verdicts(
    survey: Survey,
    sheets: Sequence[SheetJudgement],
    once: Mapping[Anomaly, Sequence[Marks]],
    limits: Mapping[str, float],
    in_doubt: NDArray[np.bool_],
) -> SessionVerdicts:
    found, allowed, doubts = (np.zeros(survey.sessions, np.uint64) for _ in range(3))
    present = np.zeros(survey.sessions, bool)
    for anomaly, several in once.items():
        bit = np.uint64(bits_of((anomaly,)))
        for marks in several:
            permitted = allowed_in(marks)
            found[marks.session] |= bit
            allowed[marks.session[permitted]] |= bit
    for sheet in sheets:
        present[sheet.names] = True
        for doubt, flags in sheet.doubts.items():
            doubts[sheet.names[flags]] |= np.uint64(1 << DOUBTS.index(doubt))
    doubts[in_doubt] |= np.uint64(1 << DOUBTS.index(Doubt.TWO_AT_ONCE))
    gated = bits_of([anomaly for anomaly in Anomaly if anomaly.value in limits])
    return SessionVerdicts(survey.columns.sessions, present, found, allowed, doubts, gated)


def _tally(
    survey: Survey, anomaly: Anomaly, several: Sequence[Marks], exposed: Exposed, sessions: SessionVerdicts
) -> Tally:
    """Trials are the sessions on the victim, or all where nothing was harmed; and the faults."""
    count = sum(len(marks) for marks in several)
    permitted = sum(int(allowed_in(marks).sum()) for marks in several)
    affected = sum(len(np.unique(marks.session[~allowed_in(marks)])) for marks in several)
    faults = survey.header.faults
    trials = exposed.figures.sessions_on_victim if faults else len(sessions)
    struck = 0
    if faults and several:
        told = instants_of(survey.columns, np.concatenate([m.rows[~allowed_in(m)][:, -1] for m in several]))
        for fault in faults:
            ends = min((f.start_ns for f in faults if f.start_ns > fault.start_ns), default=2**62)
            struck += bool(((told >= harm_begins_ns(fault)) & (told < ends)).any())
    return Tally(
        anomaly=anomaly,
        count=count,
        allowed=permitted,
        per_session=upper_bound(min(affected, trials), trials),
        per_fault=upper_bound(struck, len(faults)),
    )


def _counts(
    history: History,
    sheets: Sequence[SheetJudgement],
    once: Mapping[Anomaly, Sequence[Marks]],
    sessions: SessionVerdicts,
) -> Counts:
    columns = history.columns
    return Counts(
        operations=len(columns),
        sessions=len(sessions),
        acknowledged_writes=sum(sheet.acknowledged_writes for sheet in sheets),
        unknown=sum(int((columns.outcome[b] == OUTCOMES.index(Outcome.UNKNOWN)).sum()) for b in blocks(columns)),
        failed_requests=sum(len(marks) for marks in once.get(Anomaly.FAILED_REQUEST, ())),
    )


def _doubtful(sessions: SessionVerdicts) -> tuple[str, ...]:
    reasons = []
    for doubt in Doubt:
        count = 0 if doubt in NEVER_BEGAN else int(sessions.doubted(doubt).sum())
        if count:
            reasons.append(f"{count} session{'s' * (count != 1)} undecided: {doubt.value}")
    return tuple(reasons)


def _expectation(
    promise: Promise | None,
    survey: Survey,
    sheets: Sequence[SheetJudgement],
    sessions: SessionVerdicts,
    exposed: Exposed,
    empty: tuple[str, ...],
    failing: tuple[str, ...],
    older: SessionVerdicts | None,
) -> Expectation | None:
    if promise is None:
        return None
    asked: NDArray[np.int64] = np.zeros(survey.sessions, np.int64)
    for sheet in sheets:
        asked[sheet.names] = sheet.asked
    evidence = Evidence(sessions=sessions, exposed=exposed, asked=asked, vacuous=empty, failing=failing, older=older)
    expectation = expectation_of(promise, evidence)
    unhealed = any(not fault.healed for fault in survey.header.faults)
    return replace(expectation, kept=None) if unhealed and expectation.kept else expectation


def _verdict(
    survey: Survey,
    results: tuple[GateResult, ...],
    once: Mapping[Anomaly, Sequence[Marks]],
    empty: tuple[str, ...],
) -> tuple[Verdict, tuple[str, ...]]:
    unhealed = [
        f"{f.name} of {', '.join(f.nodes)}: its heal is not proven" for f in survey.header.faults if not f.healed
    ]
    over = [f"{gate.name}: {_number(gate.value)} > {_number(gate.limit)}" for gate in results if not gate.ok]
    steady = _steady(survey, once, {gate.name for gate in results if not gate.ok})
    verdicts = [Verdict.PASS]
    verdicts += [Verdict.ERROR] * bool(unhealed) + [Verdict.FAIL] * bool(over) + [Verdict.INCONCLUSIVE] * bool(empty)
    return gravest(verdicts), (*unhealed, *over, *steady, *empty)


def _steady(survey: Survey, once: Mapping[Anomaly, Sequence[Marks]], failing: set[str]) -> list[str]:
    """Anomalies already in the steady phase are not the fault's."""
    reasons = []
    for phase in survey.header.phases:
        if phase.name is PhaseName.STEADY:
            for anomaly, several in once.items():
                told = instants_of(survey.columns, np.concatenate([m.rows[:, -1] for m in several]))
                count = int(((told >= phase.start_ns) & (told < phase.end_ns)).sum())
                if count and anomaly.value in failing:
                    reasons.append(f"{anomaly.value}: {count} already in the steady phase, not caused by the fault")
    return reasons


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:g}"

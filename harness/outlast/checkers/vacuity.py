"""Why a whole history proves nothing: no evidence, no exposure, no proof of harm, too little load."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from outlast.checkers.blocks import blocks
from outlast.checkers.evidence import failed_of
from outlast.checkers.exposure import Exposed
from outlast.checkers.survey import Survey
from outlast.history.columns import KINDS, OUTCOMES, VIAS, Ints
from outlast.history.history import Guarantee, PhaseName
from outlast.history.operation import VIA_BALANCER, Outcome

OK, UNKNOWN = (OUTCOMES.index(outcome) for outcome in (Outcome.OK, Outcome.UNKNOWN))
NOBODY_EXPOSED: Final = "nothing lived on the victim"
UNHEALTHY: Final = 0.01
"""A steady phase in which more than this share of the requests fails is not steady."""


def vacuous(survey: Survey, exposed: Exposed, minimum_rate: float | None) -> tuple[str, ...]:
    """Survey -> reasons, one sentence each; none: the history can prove something. Cost: O(n)."""
    return tuple(_reasons(survey, exposed, minimum_rate))


def _reasons(survey: Survey, exposed: Exposed, minimum_rate: float | None) -> Iterator[str]:
    header, counted = survey.header, _counted(survey)
    yield from header.reservations
    if not counted.tried.any():
        yield "no operation went through the balancer"
        return
    for kind in np.flatnonzero((counted.tried > 0) & (counted.succeeded == 0)).tolist():
        yield f"not one {KINDS[kind].value} was acknowledged"
    for fault in header.faults:
        where = f"{fault.name} of {', '.join(fault.nodes)}" if fault.nodes else fault.name
        if not fault.proven:
            yield f"{where}: not proven from outside"
        if fault.end_ns is None:
            yield f"{where}: it was still in force at the end"
    if header.faults:
        if not exposed.on_victim.any():
            yield NOBODY_EXPOSED
        if survey.heal_ns is not None and counted.last_answered_ns <= survey.heal_ns:
            yield "no operation was answered after heal"
    if header.guarantee is Guarantee.EVENTUAL and survey.settled_ns is None:
        yield "nothing tells from when on an eventual store must be right: no audit, no settle phase, no healed fault"
    if counted.steady_failed > UNHEALTHY * counted.steady:
        how_many = f"{counted.steady_failed} of {counted.steady}"
        yield f"the stack was not healthy before the fault: {how_many} requests failed"
    rate = counted.under_load / counted.load_s if counted.load_s > 0 else math.inf
    if minimum_rate is not None and rate < minimum_rate:
        yield f"the load reached {rate:.0f} operations per second of at least {minimum_rate:.0f}"


@dataclass(slots=True)
class _Counted:
    """Operations through the balancer. tried, succeeded: by kind. last_answered_ns: the last invocation of one that was
    answered; a definite refusal is an answer too: a store that came back empty says so to everybody. load_s: from the
    beginning of the steady phase to the beginning of settling."""

    tried: Ints
    succeeded: Ints
    load_s: float
    last_answered_ns: int = -(2**62)
    steady: int = 0
    steady_failed: int = 0
    under_load: int = 0


def _counted(survey: Survey) -> _Counted:
    columns, phases = survey.columns, survey.header.phases
    steady = [phase for phase in phases if phase.name is PhaseName.STEADY]
    start = min((phase.start_ns for phase in steady), default=survey.earliest)
    stops = [phase.start_ns for phase in phases if phase.name in (PhaseName.SETTLE, PhaseName.AUDIT)]
    stop = min(stops, default=survey.latest)
    counted = _Counted(np.zeros(len(KINDS), np.int64), np.zeros(len(KINDS), np.int64), (stop - start) / 1e9)
    for block in blocks(columns):
        judged = columns.via[block] == VIAS.index(VIA_BALANCER)
        outcome, invoked, kind = columns.outcome[block], columns.invoked_ns[block], columns.kind[block]
        counted.tried += np.bincount(kind[judged], minlength=len(KINDS))
        counted.succeeded += np.bincount(kind[judged & (outcome == OK)], minlength=len(KINDS))
        answered = invoked[judged & (outcome != UNKNOWN)]
        counted.last_answered_ns = max(counted.last_answered_ns, int(answered.max(initial=-(2**62))))
        counted.under_load += int((judged & (invoked >= start) & (invoked < stop)).sum())
        for phase in steady:
            within = judged & (invoked >= phase.start_ns) & (invoked < phase.end_ns)
            counted.steady += int(within.sum())
            counted.steady_failed += int((failed_of(columns, block) & within).sum())
    return counted

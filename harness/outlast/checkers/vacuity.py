"""Why a whole history proves nothing: no evidence, no exposure, no proof of harm, too little load."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from outlast.checkers.evidence import JUDGED, OK, roles_of
from outlast.checkers.exposure import Exposed
from outlast.checkers.requests import failed_of
from outlast.checkers.survey import Survey
from outlast.history.columns import KINDS, OUTCOMES
from outlast.history.history import Guarantee, PhaseName
from outlast.history.operation import Outcome

UNKNOWN: Final = OUTCOMES.index(Outcome.UNKNOWN)
NOBODY_EXPOSED: Final = "nothing lived on the victim"
UNHEALTHY: Final = 0.01
"""A steady phase in which more than this share of the requests fails is not steady."""


def vacuous(survey: Survey, exposed: Exposed, minimum_rate: float | None) -> tuple[str, ...]:
    """Survey -> reasons, one sentence each; none: the history can prove something. Cost: O(n)."""
    return tuple(_reasons(survey, exposed, minimum_rate))


def _reasons(survey: Survey, exposed: Exposed, minimum_rate: float | None) -> Iterator[str]:
    columns, header = survey.columns, survey.header
    roles = roles_of(columns)
    judged = np.flatnonzero(roles & JUDGED)
    if not len(judged):
        yield "no operation went through the balancer"
        return
    tried = np.bincount(columns.kind[judged], minlength=len(KINDS))
    succeeded = np.bincount(columns.kind[np.flatnonzero(roles & OK)], minlength=len(KINDS))
    for kind in np.flatnonzero((tried > 0) & (succeeded == 0)).tolist():
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
        # A definite refusal is an answer too: a store that came back empty says so to everybody.
        answered = judged[columns.outcome[judged] != UNKNOWN]
        if survey.heal_ns is not None and not (columns.invoked_ns[answered] > survey.heal_ns).any():
            yield "no operation was answered after heal"
    if header.guarantee is Guarantee.EVENTUAL and survey.settled_ns is None:
        yield "nothing tells from when on an eventual store must be right: no audit, no settle phase, no healed fault"
    yield from _unsteady(survey, judged)
    if minimum_rate is not None:
        yield from _too_slow(survey, judged, minimum_rate)


def _unsteady(survey: Survey, judged: np.ndarray) -> Iterator[str]:
    for phase in survey.header.phases:
        if phase.name is PhaseName.STEADY:
            invoked = survey.columns.invoked_ns[judged]
            steady = judged[(invoked >= phase.start_ns) & (invoked < phase.end_ns)]
            failed = int(failed_of(survey.columns, steady).sum())
            if failed > UNHEALTHY * len(steady):
                yield f"the stack was not healthy before the fault: {failed} of {len(steady)} requests failed"


def _too_slow(survey: Survey, judged: np.ndarray, minimum_rate: float) -> Iterator[str]:
    """The load is what was sent from the beginning of the steady phase to the beginning of settling."""
    starts = [p.start_ns for p in survey.header.phases if p.name is PhaseName.STEADY]
    stops = [p.start_ns for p in survey.header.phases if p.name in (PhaseName.SETTLE, PhaseName.AUDIT)]
    start, stop = min(starts, default=survey.earliest), min(stops, default=survey.latest)
    if stop <= start:
        return
    invoked = survey.columns.invoked_ns[judged]
    rate = float(((invoked >= start) & (invoked < stop)).sum()) / ((stop - start) / 1e9)
    if rate < minimum_rate:
        yield f"the load reached {rate:.0f} operations per second of at least {minimum_rate:.0f}"

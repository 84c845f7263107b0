"""From marks to findings: each session's same loss once, its phase, its fault, its layer and its sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.attribution import Attribution, fault_before, phase_at
from outlast.checkers.checker import Finding
from outlast.checkers.explanation import because
from outlast.checkers.marks import NO_ROW, Marks
from outlast.checkers.survey import Survey
from outlast.checkers.telling import Teller

EACH: Final = frozenset((Anomaly.FAILED_REQUEST,))
"""Counted for each operation, not once per session."""


def once_per_session(marks: Iterable[Marks]) -> dict[Anomaly, list[Marks]]:
    """Marks -> by anomaly, each session once: the first mark that is not allowed, else the first. Cost: a sort per
    anomaly."""
    by_anomaly: dict[Anomaly, list[Marks]] = {}
    for some in marks:
        by_anomaly.setdefault(some.anomaly, []).append(some)
    return {anomaly: several if anomaly in EACH else _first_of_each(several) for anomaly, several in by_anomaly.items()}


def allowed_in(marks: Marks) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Per finding whether the guarantee permits it."""
    return np.full(len(marks), marks.allowed) if isinstance(marks.allowed, bool) else marks.allowed


def findings_of(survey: Survey, marks: Mapping[Anomaly, Sequence[Marks]], showing_max: int) -> tuple[Finding, ...]:
    """Marks -> at most `showing_max` findings of each anomaly, in the order of the list of anomalies. Cost:
    O(findings)."""
    teller = Teller(survey.columns, survey.earliest)
    attribution = Attribution(survey)
    found: list[Finding] = []
    for anomaly in Anomaly:
        left = showing_max
        for some in marks.get(anomaly, ()):
            found += [_finding(survey, teller, attribution, some, place) for place in range(min(left, len(some)))]
            left -= min(left, len(some))
    return tuple(found)


def _finding(survey: Survey, teller: Teller, attribution: Attribution, marks: Marks, place: int) -> Finding:
    columns, header = survey.columns, survey.header
    rows = tuple(row for row in marks.rows[place].tolist() if row != NO_ROW)
    figures = () if marks.figures is None else tuple(marks.figures[place].tolist())
    session = int(marks.session[place])
    told_ns = int(columns.invoked_ns[rows[-1]])
    fault = fault_before(header, told_ns)
    return Finding(
        anomaly=marks.anomaly,
        session=columns.sessions[session],
        rows=rows,
        because=because(teller, marks.anomaly, marks.case, rows, figures),
        phase=phase_at(header, told_ns),
        fault=fault.name if fault else None,
        layer=attribution.layer(marks.anomaly, session, rows),
        allowed=bool(allowed_in(marks)[place]),
    )


def _first_of_each(several: list[Marks]) -> list[Marks]:
    session = np.concatenate([marks.session for marks in several])
    allowed = np.concatenate([allowed_in(marks) for marks in several])
    order = np.lexsort((np.arange(len(session)), allowed, session))
    first = np.concatenate((np.ones(1, bool), session[order][1:] != session[order][:-1])) if len(order) else order > 0
    keep = np.zeros(len(session), bool)
    keep[order[first]] = True
    parts = np.split(keep, np.cumsum([len(marks) for marks in several])[:-1])
    return [marks.only(part) for marks, part in zip(several, parts, strict=True) if part.any()]

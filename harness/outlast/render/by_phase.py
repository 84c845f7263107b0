"""How the requests of each phase went, in exact figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from outlast.checkers.requests import failed_of
from outlast.history.columns import NEVER, VIAS
from outlast.history.history import History
from outlast.history.operation import VIA_BALANCER


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseFigures:
    """One phase; latencies count from when a request was due, None without a request that came back."""

    name: str
    seconds: float
    requests: int
    failed: int
    p50_ms: float | None
    p99_ms: float | None
    max_ms: float | None


def by_phase(history: History) -> tuple[PhaseFigures, ...]:
    """History -> figures of each phase, requests filed under when they were due. Cost: linear, with one partition."""
    columns = history.columns
    judged = columns.via == VIAS.index(VIA_BALANCER)
    due_ns, failed = columns.intended_ns, failed_of(columns, slice(None))
    figures = []
    for phase in history.header.phases:
        within = judged & (due_ns >= phase.start_ns) & (due_ns < phase.end_ns)
        back = within & (columns.returned_ns != NEVER)
        latency_ms = (columns.returned_ns[back] - due_ns[back]) / 1e6
        ranks = np.percentile(latency_ms, (50, 99, 100), method="inverted_cdf") if len(latency_ms) else (None,) * 3
        p50, p99, most = (None if rank is None else float(rank) for rank in ranks)
        figures.append(
            PhaseFigures(
                name=phase.name.value,
                seconds=(phase.end_ns - phase.start_ns) / 1e9,
                requests=int(within.sum()),
                failed=int((within & failed).sum()),
                p50_ms=p50,
                p99_ms=p99,
                max_ms=most,
            )
        )
    return tuple(figures)

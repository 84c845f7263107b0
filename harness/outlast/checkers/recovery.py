"""Recovery: how long until, for five seconds, no request fails and none is slow; and the longest stall anybody met."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.requests import failed_of
from outlast.checkers.survey import onset_of
from outlast.history.columns import NEVER, VIAS, Columns, Ints
from outlast.history.history import History, PhaseName
from outlast.history.operation import VIA_BALANCER

CALM_NS: Final = 5_000_000_000
SLOWER: Final = 2.0
"""Recovered means that p99 is under so many times the steady one."""
QUANTILE: Final = 0.99


def recovery_s(history: History) -> float | None:
    """History -> seconds from the fault's onset to the first instant after which for 5 s no request fails and p99
    stays under twice the steady one; None without a fault, and where the load ended before that was seen. Cost: O(n
    log n).

    The audit is not load and does not count.
    """
    onset = onset_of(history.header)
    if onset is None:
        return None
    due, over, failed = _requests(history)
    steady = _before(history, onset.start_ns, due)
    latency = over - due
    limit_ns = SLOWER * _quantile(latency[steady & ~failed]) if (steady & ~failed).any() else math.inf
    order = np.argsort(due, kind="stable")
    due, over, failed, latency = due[order], over[order], failed[order], latency[order]
    slow = latency > limit_ns
    last = int(due[-1]) if len(due) else 0
    starts = np.unique(np.concatenate(([onset.start_ns], over[(failed | slow) & (over > onset.start_ns)] + 1)))
    by_end = np.argsort(over, kind="stable")
    over_in_order, latency_by_end = over[by_end], latency[by_end]
    failed_at = np.sort(np.concatenate((due[failed], over[failed])))
    for start in starts.tolist():
        if start + CALM_NS > last:
            return None
        window = [start, start + CALM_NS]
        fails = np.searchsorted(failed_at, window)
        due_within = latency[slice(*np.searchsorted(due, window).tolist())]
        over_within = latency_by_end[slice(*np.searchsorted(over_in_order, window).tolist())]
        if fails[0] == fails[1] and all(len(w) and _quantile(w) <= limit_ns for w in (due_within, over_within)):
            return float(start - onset.start_ns) / 1e9
    return None


def longest_stall_ms(history: History) -> float | None:
    """History -> the longest time from when a request was due until its end, the audit left out. Cost: O(n)."""
    due, over, _ = _requests(history)
    return float((over - due).max()) / 1e6 if len(due) else None


def _requests(history: History) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """When each request through the balancer was due, when it was over (never answered: unknown, taken as when it was
    sent), whether it failed."""
    columns: Columns = history.columns
    audits = [phase.start_ns for phase in history.header.phases if phase.name is PhaseName.AUDIT]
    rows = np.flatnonzero(columns.via == VIAS.index(VIA_BALANCER))
    if audits:
        rows = rows[columns.invoked_ns[rows] < min(audits)]
    due = np.minimum(columns.intended_ns[rows], columns.invoked_ns[rows])
    returned = columns.returned_ns[rows]
    over = np.where(returned == NEVER, columns.invoked_ns[rows], returned)
    return due, over, failed_of(columns, rows)


def _before(history: History, onset_ns: int, due: Ints) -> NDArray[np.bool_]:
    """Requests of the steady phase; where none is told, all before the onset."""
    for phase in history.header.phases:
        if phase.name is PhaseName.STEADY:
            steady: NDArray[np.bool_] = (due >= phase.start_ns) & (due < min(phase.end_ns, onset_ns))
            return steady
    return due < onset_ns


def _quantile(values: Ints) -> float:
    return float(np.quantile(values, QUANTILE))

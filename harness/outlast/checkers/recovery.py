"""Recovery: how long until, for five seconds, no request fails and none is slow; and the longest stall anybody met."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.blocks import blocks
from outlast.checkers.evidence import failed_of
from outlast.checkers.survey import onset_of
from outlast.history.columns import NEVER, VIAS, Ints
from outlast.history.history import History, PhaseName
from outlast.history.operation import VIA_BALANCER

CALM_NS: Final = 5_000_000_000
SLOWER: Final = 2.0
"""Recovered means that p99 is under so many times the steady one."""
QUANTILE: Final = 0.99
SAMPLE_MAX: Final = 2**22
"""Of a larger load every k-th request stands for all, but for those that failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stalls:
    """recovery_s: seconds from the onset to the first instant after which for 5 s no request fails and p99 stays under
    twice the steady one; None without a fault, and where the load ended before that was seen. longest_ms: the longest
    time from when a request was due until its end; None without requests. The audit is not load and does not count.
    """

    recovery_s: float | None
    longest_ms: float | None


def stalls_of(history: History) -> Stalls:
    """History -> Stalls. Cost: O(n) in blocks, and a sort of what is kept of them."""
    onset = onset_of(history.header)
    stride = max(1, -(-len(history.columns) // SAMPLE_MAX))
    longest, kept = -1, []
    for block in blocks(history.columns):
        load = _load(history, block)
        longest = max(longest, int((load.over - load.due).max(initial=-1)))
        if onset is not None:
            sampled = (np.arange(len(load.due)) + block.start) % stride == 0
            kept.append(load.only(sampled | load.failed))
    recovered = _recovery_s(history, onset.start_ns, _joined(kept)) if onset is not None else None
    return Stalls(recovery_s=recovered, longest_ms=longest / 1e6 if longest >= 0 else None)


@dataclass(frozen=True, slots=True)
class _Load:
    """When each request through the balancer was due, when it was over, whether it failed."""

    due: Ints
    over: Ints
    failed: NDArray[np.bool_]

    def only(self, chosen: NDArray[np.bool_]) -> _Load:
        return _Load(self.due[chosen], self.over[chosen], self.failed[chosen])


def _load(history: History, block: slice) -> _Load:
    """A block of requests. Of one that was never answered nobody knows when it was over: it counts where it began."""
    columns = history.columns
    audits = [phase.start_ns for phase in history.header.phases if phase.name is PhaseName.AUDIT]
    invoked, returned = columns.invoked_ns[block], columns.returned_ns[block]
    counts = columns.via[block] == VIAS.index(VIA_BALANCER)
    if audits:
        counts &= invoked < min(audits)
    due = np.minimum(columns.intended_ns[block], invoked)
    over = np.where(returned == NEVER, invoked, returned)
    return _Load(due, over, failed_of(columns, block)).only(counts)


def _joined(parts: list[_Load]) -> _Load:
    empty = np.zeros(0, np.int64)
    return _Load(
        np.concatenate([empty, *(part.due for part in parts)]),
        np.concatenate([empty, *(part.over for part in parts)]),
        np.concatenate([empty.astype(bool), *(part.failed for part in parts)]),
    )


def _recovery_s(history: History, onset_ns: int, load: _Load) -> float | None:
    latency = load.over - load.due
    steady = _steady(history, onset_ns, load.due) & ~load.failed
    limit = SLOWER * _p99(latency[steady]) if steady.any() else math.inf
    slow = ~load.failed & (latency >= limit)
    bad = load.failed | slow
    ends = load.over[bad & (load.over > onset_ns)]
    starts = np.unique(np.concatenate((np.array([onset_ns]), ends + 1)))
    starts = starts[starts + CALM_NS <= int(load.due.max(initial=-(2**62)))]
    failures = _within(np.concatenate((load.due[load.failed], load.over[load.failed])), starts)
    calm = failures == 0
    for instants in (load.due, load.over):
        some, late = _within(instants, starts), _within(instants[slow], starts)
        calm &= (some > 0) & (late <= some - np.ceil(QUANTILE * some))
    first = np.flatnonzero(calm)
    return float(starts[first[0]] - onset_ns) / 1e9 if len(first) else None


def _within(instants: Ints, starts: Ints) -> Ints:
    """How many of the instants lie within CALM_NS of each start."""
    order = np.sort(instants)
    count: Ints = np.searchsorted(order, starts + CALM_NS) - np.searchsorted(order, starts)
    return count


def _steady(history: History, onset_ns: int, due: Ints) -> NDArray[np.bool_]:
    """Requests of the steady phase; where none is told, all before the onset."""
    for phase in history.header.phases:
        if phase.name is PhaseName.STEADY:
            steady: NDArray[np.bool_] = (due >= phase.start_ns) & (due < min(phase.end_ns, onset_ns))
            return steady
    return due < onset_ns


def _p99(values: Ints) -> int:
    """By nearest rank."""
    return int(np.partition(values, rank := math.ceil(QUANTILE * len(values)) - 1)[rank])

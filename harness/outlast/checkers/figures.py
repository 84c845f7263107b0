"""What can be gated besides anomalies: how fast it was, how even, how soon it was well again."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.blocks import blocks, instants_of
from outlast.checkers.marks import Marks
from outlast.checkers.recovery import SAMPLE_MAX, Stalls
from outlast.checkers.spread import spread_of
from outlast.checkers.survey import Survey, onset_of
from outlast.history.columns import NEVER, VIAS, Ints
from outlast.history.history import Header, History, PhaseName
from outlast.history.operation import VIA_BALANCER

FIGURES: Final[Mapping[str, str]] = {
    "recovery_s": "from the fault's onset until for 5 s no request fails and p99 stays under twice the steady one",
    "longest_stall_ms": "the longest that anybody waited for an answer",
    "p99_ms": "what 99 of 100 answered requests took at most, from when they were due, since the first fault",
    "imbalance": "operations of the most asked replica by the mean of all, before the first fault; 1 is even",
    "relogin_peak": "users who found themselves logged out within the fullest second, and would log in again",
}
"""By name, as gates have them, and what they mean."""
LOGGED_OUT: Final = (
    Anomaly.LOST_SESSION,
    Anomaly.RECREATED_SESSION,
    Anomaly.CLIENT_EVICTED,
    Anomaly.LOGIN_NOT_STORED,
    Anomaly.PREMATURE_EXPIRY,
)
"""After these a user has to log in again."""
WINDOW_NS: Final = 1_000_000_000


def figures_of(
    survey: Survey, once: Mapping[Anomaly, Sequence[Marks]], stalls: Stalls, wanted: Collection[str]
) -> dict[str, float | None]:
    """Those that are wanted, by name; None for what the history does not tell.

    p99_ms: of the requests through the balancer that were answered, from when they were due, since the first fault (of
    the whole load without one). imbalance: operations of the most asked replica by the mean of all, before the first
    fault. relogin_peak: users who found themselves logged out by a loss within the fullest second of the load.
    Cost: O(n), and a sort of what is kept.
    """
    history = History(survey.header, survey.columns)
    told: dict[str, float | None] = {"recovery_s": stalls.recovery_s, "longest_stall_ms": stalls.longest_ms}
    if "p99_ms" in wanted:
        told["p99_ms"] = _p99_ms(history)
    if "imbalance" in wanted:
        spread = spread_of(history)
        told["imbalance"] = spread.imbalance if spread else None
    if "relogin_peak" in wanted:
        told["relogin_peak"] = float(_peak(survey, [m for anomaly in LOGGED_OUT for m in once.get(anomaly, ())]))
    return told


def _p99_ms(history: History) -> float | None:
    """By nearest rank; of more than SAMPLE_MAX requests every k-th stands for all."""
    columns, onset = history.columns, onset_of(history.header)
    from_ns, until_ns = onset.start_ns if onset else -NEVER, _load_ends_ns(history.header)
    stride = max(1, -(-len(columns) // SAMPLE_MAX))
    kept = [np.zeros(0, np.int64)]
    for block in blocks(columns):
        due = np.minimum(columns.intended_ns[block], columns.invoked_ns[block])
        returned = columns.returned_ns[block]
        counts = (columns.via[block] == VIAS.index(VIA_BALANCER)) & (returned != NEVER)
        counts &= (due >= from_ns) & (columns.invoked_ns[block] < until_ns)
        counts &= (np.arange(len(due)) + block.start) % stride == 0
        kept.append((returned - due)[counts])
    latency: Ints = np.concatenate(kept)
    if not len(latency):
        return None
    rank = math.ceil(0.99 * len(latency)) - 1
    return float(np.partition(latency, rank)[rank]) / 1e6


def _peak(survey: Survey, losses: Sequence[Marks]) -> int:
    """The most losses that were told within a second of the load."""
    if not losses:
        return 0
    told = np.sort(instants_of(survey.columns, np.concatenate([marks.rows[:, -1] for marks in losses])))
    told = told[told < _load_ends_ns(survey.header)]
    within = np.searchsorted(told, told + WINDOW_NS) - np.arange(len(told))
    return int(within.max(initial=0))


def _load_ends_ns(header: Header) -> int:
    return min((phase.start_ns for phase in header.phases if phase.name is PhaseName.AUDIT), default=NEVER)

"""What it costs one session to slow all others down: sticky sessions beside a shared store."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from outlast.bench.figure import Figure, median
from outlast.bench.healthy_run import healthy_run
from outlast.checkers.spread import spread_of
from outlast.history.columns import ABSENT, KINDS, NEVER, VIAS
from outlast.history.history import History, PhaseName
from outlast.history.operation import VIA_BALANCER, Kind
from outlast.workloads.workload import Load, Mix

ARCHITECTURES: Final = {"sticky": "sticky-memory+small-cpu", "shared": "redis-aof+small-cpu"}
LOAD: Final = Load(
    sessions=60, users=30, seconds=12, rate=45, costly_s=0.03, mix=Mix(read=100, write=0, increment=0, logout=0)
)
"""An ordinary request costs the app 2 to 3 ms: a costly one is ten and more of them."""
GATE_MS: Final = 250.0
"""What the 95th percentile of the others' reads may take."""
RATES: Final = tuple(2 ** (half / 2) for half in range(14))
"""Costly requests per second, each tried until both gates are broken."""
GATES: Final = ("all", "worst")
"""Whose 95th percentile: that of all others, or of those whom the replica that is worst off served."""


def measure(runs: int) -> list[Figure]:
    """The rate that breaks each gate either way and how they compare; who computed for it."""
    measured: dict[str, list[float]] = defaultdict(list)
    for run in range(runs):
        rates = {}
        for way, architecture in ARCHITECTURES.items():
            rates[way], imbalance = _sweep(architecture, run)
            measured[f"attack.imbalance.{way}"].append(imbalance)
            for gate in GATES:
                measured[f"attack.rate.{gate}.{way}"].append(rates[way][gate])
        for gate in GATES:
            measured[f"attack.shared_over_sticky.{gate}"].append(rates["shared"][gate] / rates["sticky"][gate])
    return [median(name, _unit(name), values, note="compose") for name, values in measured.items()]


def _sweep(architecture: str, seed: int) -> tuple[dict[str, float], float]:
    """Gate -> the rate that breaks it; the imbalance at the last rate. Raises ValueError where none breaks both."""
    curve: dict[str, list[tuple[float, float]]] = {gate: [] for gate in GATES}
    for rate in RATES:
        history = healthy_run(architecture, replace(LOAD, costly_rate=rate), seed, "compose")
        for gate, waited_ms in zip(GATES, _waited_ms(history), strict=True):
            curve[gate].append((rate, waited_ms))
        if all(points[-1][1] > GATE_MS for points in curve.values()):
            return {gate: crossing(points, GATE_MS) for gate, points in curve.items()}, _imbalance(history)
    raise ValueError(f"{architecture}: not even {RATES[-1]:.3g} costly requests per second broke {GATE_MS:g} ms")


def crossing(points: Sequence[tuple[float, float]], limit: float) -> float:
    """(Rate, ms) by rising rate -> the rate at which the limit is first crossed, between two points by ratio.

    The first rate itself where that is above the limit already. Raises ValueError where none is.
    """
    for (before, low), (rate, high) in pairwise([(points[0][0], 0.0), *points]):
        if high > limit:
            share = 1.0 if low <= 0 or math.isinf(high) else math.log(limit / low) / math.log(high / low)
            return float(before * (rate / before) ** share)
    raise ValueError(f"none of {len(points)} points is above {limit:g}")


def _waited_ms(history: History) -> tuple[float, float]:
    """The 95th percentile of the others' reads, from when they were due: of all, and of the worst replica's users.

    One that was never answered took for ever, and counts among all.
    """
    columns = history.columns
    audit = next(phase for phase in history.header.phases if phase.name is PhaseName.AUDIT)
    others = (columns.kind == KINDS.index(Kind.READ)) & (columns.path == ABSENT)
    others &= (columns.via == VIAS.index(VIA_BALANCER)) & (columns.intended_ns < audit.start_ns)
    taken = np.where(columns.returned_ns == NEVER, math.inf, (columns.returned_ns - columns.intended_ns) / 1e6)
    theirs = [others & (columns.replica == at) for at in np.unique(columns.replica[others]) if at != ABSENT]
    by_replica = [_p95(taken[mine]) for mine in theirs]
    return _p95(taken[others]), max(by_replica, default=math.inf)


def _p95(taken: NDArray[np.float64]) -> float:
    return float(np.percentile(taken, 95, method="inverted_cdf"))


def _imbalance(history: History) -> float:
    """Costly requests of the replica that answered most of them, by the mean of all replicas: 1 is even."""
    spread = spread_of(history)
    counts = [served.costly for served in spread.replicas.values()] if spread else []
    return max(counts) * len(counts) / sum(counts) if sum(counts) else math.nan


def _unit(name: str) -> str:
    return "requests/s" if name.startswith("attack.rate.") else "ratio"

"""What it costs to ask for a session: latency by where sessions are kept and by how large they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from outlast.bench.figure import Figure, median
from outlast.bench.healthy_run import healthy_run
from outlast.history.columns import KINDS, OUTCOMES, VIAS, Columns
from outlast.history.history import PhaseName
from outlast.history.operation import VIA_BALANCER, Kind, Outcome
from outlast.stacks.engine import choose
from outlast.workloads.workload import Load, Mix

ARCHITECTURES: Final = ("sticky-memory", "local-copy", "local-copy-async", "redis-aof")
SIZES: Final = ("1k", "100k", "1m")
LOAD: Final = Load(sessions=60, users=20, seconds=8, rate=60, mix=Mix(read=50, write=50, increment=0, logout=0))
"""Gentle: what is measured is how long one request takes, not how many fit."""
_VERBS: Final = (Kind.READ, Kind.WRITE)


def measure(runs: int) -> list[Figure]:
    """Median and 95th percentile of reads and writes, without any fault, for each architecture and size."""
    engine, _ = choose("auto")
    measured: dict[str, list[float]] = defaultdict(list)
    for run in range(runs):
        for size in SIZES:
            for architecture in ARCHITECTURES:
                for name, value in _latencies(architecture, size, run):
                    measured[name].append(value)
    return [median(name, "ms", values, note=engine) for name, values in measured.items()]


def _latencies(architecture: str, size: str, seed: int) -> Iterator[tuple[str, float]]:
    history = healthy_run(f"{architecture}+session-{size}", LOAD, seed)
    audit = next(phase for phase in history.header.phases if phase.name is PhaseName.AUDIT)
    for kind in _VERBS:
        taken = _taken_ms(history.columns, kind, audit.start_ns)
        for share in (50, 95):
            value = float(np.percentile(taken, share, method="inverted_cdf"))
            yield f"sessions.{kind.value}_ms_p{share}.{architecture}.{size}", value


def _taken_ms(columns: Columns, kind: Kind, until_ns: int) -> NDArray[np.float64]:
    """From sent to answered, of all of that kind that were acknowledged before the audit."""
    chosen = (columns.kind == KINDS.index(kind)) & (columns.outcome == OUTCOMES.index(Outcome.OK))
    chosen &= (columns.via == VIAS.index(VIA_BALANCER)) & (columns.invoked_ns < until_ns)
    taken: NDArray[np.float64] = (columns.returned_ns[chosen] - columns.invoked_ns[chosen]) / 1e6
    return taken

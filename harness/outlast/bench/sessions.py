"""What it costs to ask for a session: latency by where sessions are kept and by how large they are."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from outlast.archive.invocation import new_invocation
from outlast.archive.run import RunFolder
from outlast.bench.figure import Figure, median
from outlast.clock import MonotonicClock
from outlast.history.columns import KINDS, OUTCOMES, VIAS, Columns
from outlast.history.history import PhaseName
from outlast.history.operation import VIA_BALANCER, Kind, Outcome
from outlast.runner.conductor import Conductor
from outlast.runner.experiment import Experiment
from outlast.stacks.engine import choose
from outlast.workloads.workload import Load, Mix

ARCHITECTURES: Final = ("sticky-memory", "local-copy", "local-copy-async", "redis-aof")
SIZES: Final = ("1k", "100k", "1m")
LOAD: Final = Load(sessions=60, users=20, seconds=8, rate=60, mix=Mix(read=50, write=50, increment=0, logout=0))
"""Gentle: what is measured is how long one request takes, not how many fit."""
_VERBS: Final = (Kind.READ, Kind.WRITE)


def measure(runs: int) -> list[Figure]:
    """Median and 95th percentile of reads and writes, without any fault, for each architecture and size."""
    engine, reason = choose("auto")
    measured: dict[str, list[float]] = defaultdict(list)
    for run in range(runs):
        for size in SIZES:
            for architecture in ARCHITECTURES:
                for name, value in _latencies(engine, reason, architecture, size, run):
                    measured[name].append(value)
    return [median(name, "ms", values, note=engine) for name, values in measured.items()]


def _latencies(engine: str, reason: str, architecture: str, size: str, seed: int) -> Iterator[tuple[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        experiment = Experiment(
            name="no_fault",
            hypothesis="what asking for a session costs",
            architecture=f"{architecture}+session-{size}",
            courses=(),
            load=LOAD,
            seed=seed,
        )
        conductor = Conductor(new_invocation(Path(folder), "bench", seed), engine, reason, MonotonicClock())
        history = RunFolder(conductor.conduct(experiment).folder).history()
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

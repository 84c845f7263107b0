"""What a limit on one session comes to: counted by each replica, with and without stickiness, or by all."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from outlast.bench.figure import Figure, median
from outlast.bench.healthy_run import healthy_run
from outlast.history.columns import ABSENT, OUTCOMES
from outlast.history.history import History, PhaseName
from outlast.history.operation import Outcome
from outlast.workloads.workload import Load, Mix

LIMIT_PER_S: Final = 5
"""As the options `limit-own` and `limit-shared` say."""
ARCHITECTURES: Final = {
    "own": "redis-aof+limit-own",
    "own_sticky": "redis-aof+sticky+limit-own",
    "shared": "redis-aof+limit-shared",
}
LOAD: Final = Load(
    sessions=30,
    users=10,
    seconds=15,
    rate=30,
    costly_rate=60,
    costly_s=0.001,
    mix=Mix(read=100, write=0, increment=0, logout=0),
)
"""The session asks twelve times as often as it may, and four times as often as three replicas would let it."""


def measure(runs: int) -> list[Figure]:
    """Requests admitted each second, by the limit: 1 is what was meant."""
    measured: dict[str, list[float]] = defaultdict(list)
    for run in range(runs):
        for name, architecture in ARCHITECTURES.items():
            admitted = _admitted_per_s(healthy_run(architecture, LOAD, run, "compose"))
            measured[f"limits.admitted_over_limit.{name}"].append(admitted / LIMIT_PER_S)
    return [median(name, "ratio", values, note="compose") for name, values in measured.items()]


def _admitted_per_s(history: History) -> float:
    """Costly requests that were answered, by the seconds from the first one sent to the audit."""
    columns = history.columns
    audit = next(phase for phase in history.header.phases if phase.name is PhaseName.AUDIT)
    costly = columns.path != ABSENT
    admitted = costly & (columns.outcome == OUTCOMES.index(Outcome.OK))
    return float(admitted.sum() / ((audit.start_ns - columns.invoked_ns[costly].min()) / 1e9))

"""What a run costs beside its load: start to verdict minus load, settle and audit."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from outlast.archive.invocation import new_invocation
from outlast.archive.run import RunFolder
from outlast.bench.figure import Figure, median
from outlast.checkers.promise import loses_nothing
from outlast.clock import MonotonicClock
from outlast.errors import EngineError
from outlast.faults.aim import one
from outlast.faults.kill import Kill
from outlast.runner.conductor import Conductor
from outlast.runner.course import courses_of
from outlast.runner.experiment import Experiment
from outlast.stacks.engine import ENGINES, choose
from outlast.workloads.workload import Load

LOAD = Load(sessions=300, seconds=6)


def measure(runs: int) -> list[Figure]:
    """Overhead of replica_kill on redis-aof, engine by engine, images built; an engine that is missing is left out."""
    figures = []
    for engine in ENGINES:
        try:
            _, reason = choose(engine)
        except EngineError:
            continue
        figures.append(
            median(f"run.overhead_s.{engine}", "s", [_overhead_s(engine, reason, seed) for seed in range(runs)])
        )
    return figures


def _overhead_s(engine: str, reason: str, seed: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        invocation = new_invocation(Path(folder), "bench", seed)
        experiment = Experiment(
            name="replica_kill",
            hypothesis="what a run costs",
            architecture="redis-aof",
            courses=courses_of([Kill(one("replica"))]),
            load=LOAD,
            seed=seed,
            promise=loses_nothing(),
        )
        began = time.monotonic()
        outcome = Conductor(invocation, engine, reason, MonotonicClock()).conduct(experiment)
        whole_s = time.monotonic() - began
        phases = RunFolder(outcome.folder).history().header.phases
        return whole_s - (phases[-1].end_ns - phases[0].start_ns) / 1e9

"""A run without any fault, whose history is measured and thrown away."""

from __future__ import annotations

import tempfile
from pathlib import Path

from outlast.archive.invocation import new_invocation
from outlast.archive.run import RunFolder
from outlast.clock import MonotonicClock
from outlast.history.history import History
from outlast.runner.conductor import Conductor
from outlast.runner.experiment import Experiment
from outlast.stacks.engine import choose
from outlast.workloads.workload import Load


def healthy_run(architecture: str, load: Load, seed: int, engine: str = "auto") -> History:
    """Architecture, load and seed -> what its users did and saw. Raises OutlastError when it cannot run here."""
    chosen, reason = choose(engine)
    with tempfile.TemporaryDirectory() as folder:
        experiment = Experiment(
            name="no_fault",
            hypothesis="what is measured while nothing is broken",
            architecture=architecture,
            courses=(),
            load=load,
            seed=seed,
        )
        conductor = Conductor(new_invocation(Path(folder), "bench", seed), chosen, reason, MonotonicClock())
        return RunFolder(conductor.conduct(experiment).folder).history()

"""Drives a load process and looks into its journal."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from outlast.history.columns import OUTCOMES, Columns
from outlast.history.journal import JOURNAL_FILE, read_journal
from outlast.history.operation import Outcome
from outlast.workloads.launch import LoadProcess
from outlast.workloads.status import LoadStatus
from outlast.workloads.workload import Load, Mix

OK, FAIL, UNKNOWN = (OUTCOMES.index(outcome) for outcome in (Outcome.OK, Outcome.FAIL, Outcome.UNKNOWN))
SMALL = Load(sessions=40, users=8, rate=400, seconds=2, timeout_s=2, mix=Mix(read=50, write=25, increment=20, logout=5))


def journal(tmp_path, number: int = 0) -> Columns:
    return read_journal(tmp_path / f"run-{number}" / JOURNAL_FILE)


def wait_for(process: LoadProcess, enough: Callable[[LoadStatus], bool], seconds: float = 20) -> LoadStatus:
    """Ticks until a condition holds."""
    until = time.monotonic() + seconds
    while not enough(status := process.tick()):
        assert time.monotonic() < until, f"did not come about: {status}"
        time.sleep(0.02)
    return status


def rows(columns: Columns, **codes) -> np.ndarray:
    wanted = np.ones(len(columns), bool)
    for name, code in codes.items():
        wanted &= getattr(columns, name) == code
    return wanted.nonzero()[0]

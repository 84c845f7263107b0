"""One cell of the lab, done in a process of its own and measured from what it left on disk."""

from __future__ import annotations

import datetime
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from outlast.archive.invocation import LATEST, Invocation
from outlast.archive.lab_progress import Done
from outlast.archive.lab_table import Cell
from outlast.archive.run import RunFolder
from outlast.checkers.verdict import Verdict
from outlast.errors import OutlastError
from outlast.runner.measured import measured


@dataclass(frozen=True, slots=True)
class Task:
    """A cell and which of its repeats."""

    architecture: str
    experiment: str
    cell: Cell
    repeat: int

    @property
    def key(self) -> tuple[str, str, int]:
        """By which it is known to be done."""
        return self.architecture, self.experiment, self.repeat


def do_cell(task: Task, engine: str, seed: int, reports: Path, options: Sequence[str] = ()) -> Done:
    """Run it, with further options of `outlast run`, then look what it came to.

    Raises KeyboardInterrupt once the run has cleaned up after an interrupt.
    """
    began, before = time.monotonic(), _latest(reports)
    command = [sys.executable, "-m", "outlast", "run", task.experiment, "--architecture", task.architecture]
    command += ["--engine", engine, "--seed", str(seed), "--reports", str(reports), "--quiet", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            _, told = process.communicate()
        except KeyboardInterrupt:
            process.communicate()  # it was interrupted too, and takes its stack down
            raise
    came_to = next((verdict for verdict in Verdict if verdict.exit_code == process.returncode), Verdict.ERROR)
    latest = _latest(reports)
    run = _run(latest) if latest is not None and latest != before else None
    return _done(task, run, came_to, time.monotonic() - began, engine, seed, _last_line(told))


def _done(
    task: Task, run: RunFolder | None, came_to: Verdict, seconds: float, engine: str, seed: int, told: str
) -> Done:
    facts: dict[str, Any] = {"word": None, "shows": (), "sessions": 0, "exposed": 0, "lost": 0}
    if run is not None and came_to is not Verdict.ERROR:
        try:
            found = measured(run, task.cell.younger_than_s)
            facts = {
                "word": found.word.value if found.word else None,
                "shows": tuple(anomaly.value for anomaly in found.shows),
                "sessions": found.sessions,
                "exposed": found.exposed,
                "lost": found.lost,
            }
        except OutlastError as error:
            came_to, told = Verdict.ERROR, str(error)
    return Done(
        architecture=task.architecture,
        experiment=task.experiment,
        repeat=task.repeat,
        came_to=came_to,
        on=datetime.datetime.now(datetime.UTC).date(),
        engine=run.plan().engine if run else engine,
        seed=seed,
        run=f"{run.path.parent.name}/{run.path.name}" if run else "",
        seconds=round(seconds, 1),
        reason="" if came_to is Verdict.PASS else told,
        **facts,
    )


def _latest(reports: Path) -> Path | None:
    link = reports / LATEST
    return link.resolve() if link.exists() else None


def _run(invocation: Path) -> RunFolder | None:
    runs = Invocation(invocation).runs
    return runs[0] if runs else None


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix("outlast: ")[:300] if lines else ""

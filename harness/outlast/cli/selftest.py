"""Prove on this machine that losses are seen and that nothing else is taken for one: the controls."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from outlast.archive.lab_table import read_table
from outlast.archive.run import RunFolder
from outlast.checkers.verdict import Verdict, gravest
from outlast.checkers.word import Word
from outlast.cli.cell import Task, do_cell
from outlast.cli.lab import agrees, line
from outlast.cli.say import say
from outlast.runner.interrupts import sigterm_as_interrupt

CONTROLS: Final = (
    ("no_fault", "redis-aof"),
    ("no_fault", "sticky-memory"),
    ("replica_kill", "redis-aof"),
    ("no_fault", "roundrobin-memory"),
    ("replica_kill", "sticky-memory"),
    ("store_kill", "redis-none"),
    ("no_fault", "jwt"),
)
"""Three that must pass, and four that must fail, each in another way."""
SHORT: Final = ("--sessions", "90", "--seconds", "8")
"""Long enough to see each loss."""


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--engine", default="local", help="auto, compose or local (default: local)")
    parser.add_argument("--seed", type=int, default=11, help="default: 11")
    parser.add_argument("--reports", type=Path, default=Path("reports/selftest"), help="default: reports/selftest")


def act(chosen: argparse.Namespace) -> int:
    """0: all controls as they must be; 1: one was not, so trust no verdict of this machine; 2: one could not run."""
    table = read_table()
    came_to = []
    with sigterm_as_interrupt():
        for experiment, architecture in CONTROLS:
            cell = table.cells[architecture][experiment]
            task = Task(architecture, experiment, cell, 0)
            done = do_cell(task, chosen.engine, chosen.seed, chosen.reports, SHORT)
            must = Verdict.PASS if cell.predicted is Word.OK else Verdict.FAIL
            verdict = _verdict(chosen.reports / done.run) if done.run else Verdict.ERROR
            fine = agrees(task, done) and verdict is must
            came_to.append(Verdict.PASS if fine else Verdict.ERROR if verdict is Verdict.ERROR else Verdict.FAIL)
            say(f"{'ok ' if fine else 'NOT'} must {must.value}, did {verdict.value}: {line(task, done)}")
    fine = gravest(came_to) is Verdict.PASS
    say("The controls are as they must be." if fine else "Trust no verdict here until this is mended.")
    return gravest(came_to).exit_code


def _verdict(run: Path) -> Verdict:
    return Verdict(RunFolder(run).verdict()["verdict"])

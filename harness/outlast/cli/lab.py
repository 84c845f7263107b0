"""Measure the lab's table, cell by cell: what each architecture does under each fault."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from outlast.archive.lab_progress import Done, Progress
from outlast.archive.lab_table import Cell, Measurement, Table, read_table, write_table
from outlast.checkers.verdict import Verdict, gravest
from outlast.cli.cell import Task, do_cell
from outlast.cli.say import say
from outlast.errors import UnknownName, UsageError
from outlast.runner.interrupts import sigterm_as_interrupt

SETS: Final = ("all", "guards", "must-lose", "must-not-lose", "unmeasured")


def describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cells",
        default="all",
        help="all; guards (the must-lose and must-not-lose sets), one of the two, or unmeasured (default: all)",
    )
    parser.add_argument("--architecture", action="append", default=[], metavar="NAME", help="only these rows")
    parser.add_argument("--fault", action="append", default=[], metavar="EXPERIMENT", help="only these columns")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="each cell so often (default: 1)")
    parser.add_argument("--engine", default="auto", help="auto, compose or local (default: auto)")
    parser.add_argument(
        "--seed", type=int, default=11, help="of the first repeat; the next ones count on (default: 11)"
    )
    parser.add_argument("--reports", type=Path, default=Path("reports/lab"), help="default: reports/lab")
    parser.add_argument("--again", action="store_true", help="measure anew what was measured already")
    parser.add_argument("--record", action="store_true", help="write what was measured into the table, lab.yaml")


def act(chosen: argparse.Namespace) -> int:
    table, progress = read_table(), Progress(chosen.reports)
    tasks = _tasks(table, chosen)
    if chosen.again:
        progress.forget({task.key for task in tasks})
    known = {(done.architecture, done.experiment, done.repeat): done for done in progress.read()}
    left = [task for task in tasks if task.key not in known]
    say(f"{len(tasks)} cells to measure, {len(tasks) - len(left)} of them measured already, into {chosen.reports}")
    with sigterm_as_interrupt():
        for number, task in enumerate(left, start=1):
            done = known[task.key] = do_cell(task, chosen.engine, chosen.seed + task.repeat, chosen.reports)
            progress.add(done)
            say(f"{number}/{len(left)}  {line(task, done)}")
    results = [(task, known[task.key]) for task in tasks]
    if chosen.record:
        _record(table, results)
    return _close(results)


def _tasks(table: Table, chosen: argparse.Namespace) -> list[Task]:
    if chosen.cells not in SETS:
        raise UnknownName("set of cells", chosen.cells, SETS)
    if chosen.repeat < 1:
        raise UsageError("--repeat must be at least 1.")
    rows, columns = _split(chosen.architecture), _split(chosen.fault)
    for name in rows:
        if name not in table.rows:
            raise UnknownName("row of the lab's table", name, table.rows)
    for name in columns:
        if name not in table.columns:
            raise UnknownName("column of the lab's table", name, table.columns)
    return [
        Task(architecture, experiment, cell, repeat)
        for repeat in range(chosen.repeat)
        for architecture, experiment, cell in table.each()
        if cell.applies
        and _wanted(chosen.cells, cell)
        and (not rows or architecture in rows)
        and (not columns or experiment in columns)
    ]


def _wanted(cells: str, cell: Cell) -> bool:
    if cells == "all":
        return True
    if cells == "unmeasured":
        return cell.measured is None
    return cell.set is not None if cells == "guards" else cell.set == cells


def _split(values: Sequence[str]) -> list[str]:
    return [name for value in values for name in value.split(",") if name]


def line(task: Task, done: Done) -> str:
    """One cell in words: what it came to, and whether that was predicted."""
    word = done.word or done.came_to.value
    beside = [name for name in done.shows if name != done.word]
    shows = f" ({', '.join(beside)})" if beside else ""
    as_predicted = "as predicted" if agrees(task, done) else f"predicted {task.cell.predicted.value}: {done.reason}"
    return f"{done.architecture} / {done.experiment}: {word}{shows}, {as_predicted}  [{done.seconds:.0f} s, {done.run}]"


def agrees(task: Task, done: Done) -> bool:
    """Whether a cell came to its word, and the run kept the cell's promise."""
    return done.word == task.cell.predicted.value and done.came_to is Verdict.PASS


def _record(table: Table, results: Sequence[tuple[Task, Done]]) -> None:
    """Into lab.yaml, the last repeat of each cell; what came to no word is not written."""
    for task, done in results:
        if done.word is not None:
            measurement = Measurement.model_validate(
                {
                    "word": done.word,
                    "shows": [name for name in done.shows if name != done.word],
                    "on": done.on,
                    "engine": done.engine,
                    "seed": done.seed,
                    "run": done.run,
                    "sessions": done.sessions,
                    "exposed": done.exposed,
                    "lost": done.lost,
                }
            )
            table = table.with_measurement(task.architecture, task.experiment, measurement)
    write_table(table)


def _close(results: Sequence[tuple[Task, Done]]) -> int:
    """The last lines, and the exit code: 0 as predicted, 1 some cell differs, 2 some could not run, 3 not proven."""
    say()
    came_to = [Verdict.PASS if agrees(task, done) else _short_of(done) for task, done in results]
    for (task, done), verdict in zip(results, came_to, strict=True):
        if verdict is not Verdict.PASS:
            say(f"{verdict.value}: {line(task, done)}")
    say(f"{came_to.count(Verdict.PASS)} of {len(results)} cells as predicted")
    flaky = _flaky(results)
    if flaky:
        say(f"not the same each time: {', '.join(flaky)}")
    return gravest(came_to).exit_code


def _short_of(done: Done) -> Verdict:
    return done.came_to if done.came_to is not Verdict.PASS else Verdict.FAIL


def _flaky(results: Sequence[tuple[Task, Done]]) -> list[str]:
    words: dict[str, set[str | None]] = {}
    for task, done in results:
        words.setdefault(f"{task.architecture} / {task.experiment}", set()).add(done.word)
    return [cell for cell, several in words.items() if len(several) > 1]

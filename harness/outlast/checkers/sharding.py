"""Which sessions are judged together, and by which process: every model looks at one session at a time."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from outlast.checkers.blocks import blocks
from outlast.checkers.sheet import sheet_of
from outlast.checkers.sheet_judge import SheetJudgement, judge_sheet
from outlast.checkers.shelves import Block, shelved, told_on
from outlast.checkers.survey import Survey
from outlast.checkers.told import told_of
from outlast.history.columns import Ints
from outlast.history.processes import context, keep_freed_memory

SHEET_OPERATIONS: Final = 2**19
"""Operations on one sheet: large enough for numpy, small enough for the caches and for 256 MB a process."""
PART: Final = 2**21
"""Rows that one task puts on the shelves."""
SHELF_BYTES: Final = 64
"""What an operation takes on the shelves, at most."""
_IN_MEMORY: Final = "/dev/shm"  # noqa: S108 - a folder of our own is made in it, for as long as the judgement takes
SHELVES_FROM: Final = 2**22
"""Larger histories are put in order on disk first; smaller ones are gathered from where they lie."""
PARALLEL_FROM: Final = 2**20
"""Smaller histories are judged by this process alone."""

Task = Callable[[Survey], Any]


def judged_with(
    survey: Survey, others: Sequence[Task], processes: int | None = None
) -> tuple[list[SheetJudgement], list[Any]]:
    """Survey -> the judgements of all its sessions, some to a sheet; and the results of other tasks done meanwhile.

    Cost: O(n log n) in all, over processes; some 50 bytes an operation of temporary files where there are many.
    """
    count = max(1, -(-len(survey.columns) // SHEET_OPERATIONS))
    with _crew(survey, processes) as work:
        if len(survey.columns) < SHELVES_FROM:
            tasks: list[Task] = [partial(_gathered, count=count, number=number) for number in range(count)]
            return _split(work([*others, *tasks]), len(others))
        with tempfile.TemporaryDirectory(prefix="outlast-judge-", dir=_roomy(len(survey.columns))) as folder:
            parts = range(0, len(survey.columns), PART)
            shelving = [partial(_shelved, folder=Path(folder), shelves=count, first=first) for first in parts]
            filled = [block for part in work(shelving) for block in part]
            tasks = [partial(_on_shelf, filled=filled, number=number) for number in range(count)]
            return _split(work([*others, *tasks]), len(others))


@contextmanager
def _crew(survey: Survey, processes: int | None) -> Iterator[Callable[[Sequence[Task]], list[Any]]]:
    """Something that does tasks and gives their results in order, over processes where that pays.

    The survey is not sent: forked children read it where it lies. Where a fork is not safe this process does it all.
    """
    wanted = processes or os.cpu_count() or 1
    if wanted == 1 or len(survey.columns) < PARALLEL_FROM or context().get_start_method() != "fork":
        yield lambda tasks: [task(survey) for task in tasks]
        return
    global _SURVEY
    _SURVEY = survey
    try:
        with ProcessPoolExecutor(wanted, mp_context=context(), initializer=keep_freed_memory) as pool:
            yield lambda tasks: list(pool.map(_do, tasks))
    finally:
        _SURVEY = None


_SURVEY: Survey | None = None


def _do(task: Task) -> Any:
    if _SURVEY is None:
        raise RuntimeError("this process was not forked from one that holds a survey")
    return task(_SURVEY)


def _gathered(survey: Survey, count: int, number: int) -> SheetJudgement | None:
    rows: Ints | None = None
    if count > 1:
        rows = np.flatnonzero(survey.columns.session % np.int32(count) == number)
        if not len(rows):
            return None
    return judge_sheet(sheet_of(survey, told_of(survey.columns, survey.has_logs, rows)))


def _roomy(operations: int) -> str | None:
    """The file system in memory, where there is plenty of it: three times as fast as a disk. Else the usual place."""
    try:
        room = shutil.disk_usage(_IN_MEMORY).free
    except OSError:
        return None
    return _IN_MEMORY if room > 8 * SHELF_BYTES * operations else None


def _shelved(survey: Survey, folder: Path, shelves: int, first: int) -> list[Block]:
    rows = slice(first, min(first + PART, len(survey.columns)))
    return [shelved(survey, folder, shelves, block) for block in blocks(survey.columns, within=rows)]


def _on_shelf(survey: Survey, filled: list[Block], number: int) -> SheetJudgement | None:
    told = told_on(filled, number)
    return judge_sheet(sheet_of(survey, told)) if len(told.rows) else None


def _split(results: list[Any], others: int) -> tuple[list[SheetJudgement], list[Any]]:
    return [sheet for sheet in results[others:] if sheet is not None], results[:others]

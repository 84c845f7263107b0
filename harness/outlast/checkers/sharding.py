"""Which sessions are judged together, and by which process: every model looks at one session at a time."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from outlast.checkers.sheet import sheet_of
from outlast.checkers.sheet_judge import SheetJudgement, judge_sheet
from outlast.checkers.shelves import BLOCK, Block, shelved, told_on
from outlast.checkers.survey import Survey
from outlast.checkers.told import told_of
from outlast.history.columns import Ints
from outlast.history.processes import context

SHEET_OPERATIONS: Final = 2**19
"""Operations on one sheet: large enough for numpy, small enough for the caches and for 256 MB a process."""
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
    if len(survey.columns) < SHELVES_FROM:
        tasks: list[Task] = [partial(_gathered, count=count, number=number) for number in range(count)]
        return _split(in_parallel(survey, [*others, *tasks], processes), len(others))
    with tempfile.TemporaryDirectory(prefix="outlast-judge-") as folder:
        starts = range(0, len(survey.columns), BLOCK)
        blocks = in_parallel(
            survey, [partial(shelved, folder=Path(folder), shelves=count, first=first) for first in starts], processes
        )
        tasks = [partial(_on_shelf, blocks=blocks, number=number) for number in range(count)]
        return _split(in_parallel(survey, [*others, *tasks], processes), len(others))


def in_parallel(survey: Survey, tasks: Sequence[Task], processes: int | None = None) -> list[Any]:
    """Tasks -> their results, in order, over processes where that pays.

    The survey is not sent: forked children read it where it lies. Where a fork is not safe this process does it all.
    """
    wanted = min(len(tasks), processes or os.cpu_count() or 1)
    if wanted <= 1 or len(survey.columns) < PARALLEL_FROM or context().get_start_method() != "fork":
        return [task(survey) for task in tasks]
    global _SURVEY
    _SURVEY = survey
    try:
        with ProcessPoolExecutor(wanted, mp_context=context()) as pool:
            return list(pool.map(_do, tasks))
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


def _on_shelf(survey: Survey, blocks: list[Block], number: int) -> SheetJudgement | None:
    told = told_on(blocks, number)
    return judge_sheet(sheet_of(survey, told)) if len(told.rows) else None


def _split(results: list[Any], others: int) -> tuple[list[SheetJudgement], list[Any]]:
    return [sheet for sheet in results[others:] if sheet is not None], results[:others]

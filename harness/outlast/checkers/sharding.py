"""Which sessions are judged together, and by which process: every model looks at one session at a time."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from typing import Final

import numpy as np

from outlast.checkers.sheet import sheet_of
from outlast.checkers.sheet_judge import SheetJudgement, judge_sheet
from outlast.checkers.survey import Survey
from outlast.history.columns import Ints
from outlast.history.processes import context

SHEET_OPERATIONS: Final = 2**19
"""Operations on one sheet: large enough for numpy, small enough for the caches and for 256 MB a process."""
PARALLEL_FROM: Final = 2**20


def judge_sheets(survey: Survey, processes: int | None = None) -> tuple[SheetJudgement, ...]:
    """Survey -> the judgements of all its sessions, some to a sheet. Cost: O(n log n) in all, over processes."""
    count = -(-len(survey.columns) // SHEET_OPERATIONS)
    if count <= 1:
        return (judge_sheet(sheet_of(survey)),)
    wanted = min(count, processes or os.cpu_count() or 1)
    if wanted == 1 or len(survey.columns) < PARALLEL_FROM or context().get_start_method() != "fork":
        return tuple(_judge_share(survey, count, range(count)))
    shares = [range(first, count, wanted) for first in range(wanted)]
    global _SURVEY
    _SURVEY = survey
    try:
        with ProcessPoolExecutor(wanted, mp_context=context()) as pool:
            parts = list(pool.map(_judge_inherited, [count] * wanted, shares))
    finally:
        _SURVEY = None
    return tuple(judgement for part in parts for judgement in part)


_SURVEY: Survey | None = None


def _judge_inherited(count: int, share: range) -> list[SheetJudgement]:
    if _SURVEY is None:
        raise RuntimeError("this process was not forked from one that holds a survey")
    return _judge_share(_SURVEY, count, share)


def _judge_share(survey: Survey, count: int, share: range) -> list[SheetJudgement]:
    bucket = (survey.columns.session % count).astype(np.uint8 if count <= 256 else np.uint32)
    judged = []
    for number in share:
        rows: Ints = np.flatnonzero(bucket == number)
        if len(rows):
            judged.append(judge_sheet(sheet_of(survey, rows)))
    return judged

"""A history put in order by session on disk, a shelf for each sheet: so that each of many processes needs little
memory.

The sessions of a run are all alive at the same time, so the operations of one lie scattered over the whole history. To
gather each sheet from there would read everything once per sheet. Counter-example: 30 million operations in 60 sheets.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.evidence import evidence_of
from outlast.checkers.order import ascending
from outlast.checkers.survey import Survey
from outlast.checkers.told import NAMES, OF_LOGS, Told, column_of
from outlast.history.columns import Ints

_NARROW: Final = ("value", "counter", "attempt")
"""Numbers that nearly always fit in 32 bits."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of rows in a file of its own: per column its name, its type and where it begins; where each shelf
    begins."""

    path: Path
    columns: tuple[tuple[str, str, int], ...]
    starts: Ints


def shelved(survey: Survey, folder: Path, shelves: int, rows: slice) -> Block:
    """A block of rows -> a file in which they stand shelf by shelf. Cost: O(rows)."""
    shelf = (survey.columns.session[rows] % np.int32(shelves)).astype(np.uint16)
    order = ascending(shelf)
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(np.bincount(shelf, minlength=shelves))))
    path = folder / f"{rows.start}"
    told: list[tuple[str, str, int]] = []
    with path.open("wb") as file:
        for name in ("rows", "roles", *NAMES):
            if name in OF_LOGS and not survey.has_logs:
                continue
            column = _column(survey, name, rows)[order]
            told.append((name, column.dtype.str, file.tell()))
            column.tofile(file)
    return Block(path, tuple(told), starts)


def told_on(blocks: list[Block], shelf: int) -> Told:
    """The blocks -> what is on one shelf, in the history's order. Cost: O(its operations)."""
    parts: dict[str, list[NDArray[Any]]] = {name: [] for name in ("rows", "roles", *NAMES)}
    for block in blocks:
        start, stop = block.starts[shelf : shelf + 2].tolist()
        with block.path.open("rb") as file:
            for name, kind, offset in block.columns:
                dtype = np.dtype(kind)
                file.seek(offset + start * dtype.itemsize)
                parts[name].append(np.fromfile(file, dtype, stop - start))
    joined: dict[str, Any] = {n: np.concatenate(p) if p else np.zeros(0, np.int64) for n, p in parts.items()}
    for name in ("rows", *_NARROW):
        joined[name] = joined[name].astype(np.int64)
    return Told(**joined)


def _column(survey: Survey, name: str, rows: slice) -> NDArray[Any]:
    if name == "rows":
        wide = np.arange(rows.start, rows.stop)
    elif name == "roles":
        return evidence_of(survey.columns, rows)
    else:
        wide = column_of(survey.columns, name, survey.has_logs, rows)
    if name in ("rows", *_NARROW) and wide.max(initial=0) < 2**31 and wide.min(initial=0) >= -(2**31):
        return wide.astype(np.int32)
    return wide

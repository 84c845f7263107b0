"""A history's rows a block at a time, so that of columns in a mapped file no more stays in memory than is looked at."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from outlast.history.columns import Columns, Ints

BLOCK: Final = 2**19
"""Rows that are looked at together: their columns fit in the caches."""


def blocks(columns: Columns, within: slice | None = None) -> Iterator[slice]:
    """Columns -> slices of their rows, in order; the pages of a block are given back when the next one is asked for."""
    mapped = _mapped(columns)
    rows = within or slice(0, len(columns))
    for first in range(rows.start, rows.stop, BLOCK):
        block = slice(first, min(first + BLOCK, rows.stop))
        yield block
        for column, file in mapped:
            _give_back(column, file, block)


def instants_of(columns: Columns, rows: Ints) -> Ints:
    """Rows -> when they were invoked, in the order of the rows. Cost: a sort of the rows, and a pass over the blocks.

    Counter-example to indexing the column: a finding in every page of it, and all of it is in memory.
    """
    ordered = np.sort(rows)
    parts = [np.zeros(0, np.int64)]
    for block in blocks(columns):
        first, last = np.searchsorted(ordered, (block.start, block.stop))
        if first < last:
            parts.append(columns.invoked_ns[ordered[first:last]])
    return np.concatenate(parts)


def _mapped(columns: Columns) -> list[tuple[NDArray[Any], mmap.mmap]]:
    """Columns that lie in one piece in a mapped file that nobody can have written to: of another the changes would be
    lost with its pages."""
    found = []
    for field in fields(columns):
        column = base = getattr(columns, field.name)
        while isinstance(base, np.ndarray):
            base = base.base
        if isinstance(base, mmap.mmap) and not column.flags.writeable and column.strides == (column.itemsize,):
            found.append((column, base))
    return found


def _give_back(column: NDArray[Any], file: mmap.mmap, block: slice) -> None:
    begin = column.ctypes.data - np.frombuffer(file, np.uint8).ctypes.data
    start = (begin + block.start * column.itemsize) // mmap.PAGESIZE * mmap.PAGESIZE
    stop = (begin + block.stop * column.itemsize) // mmap.PAGESIZE * mmap.PAGESIZE
    if stop > start:
        file.madvise(mmap.MADV_DONTNEED, start, stop - start)

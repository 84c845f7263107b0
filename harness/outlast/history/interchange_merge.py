"""Blocks of operations -> one set of columns with one table of strings each."""

from __future__ import annotations

from typing import Any

import numpy as np

from outlast.history.columns import Columns
from outlast.history.interchange_block import Block
from outlast.history.interchange_piece import TABLES, UNSAID, Piece, joined
from outlast.history.interning import Interned


class Merged:
    """Blocks as they come, in their order; strings that two blocks share get one position."""

    def __init__(self) -> None:
        self._tables = {name: Interned() for name in TABLES}
        self._pieces: list[Piece] = []

    def add(self, block: Block) -> None:
        """Take a block in. Cost: O(operations), plus one look-up per distinct string."""
        arrays = dict(block.piece.arrays)
        for table, columns in TABLES.items():
            names = block.names[table]
            # position -1 (NONE_YET) and -2 (ABSENT) index from the end: the last two entries stand for themselves
            place = np.concatenate((self._tables[table].positions(names, len(names)), (-2, -1)))
            for column in columns:
                if column in arrays:
                    arrays[column] = place[arrays[column]].astype(arrays[column].dtype)
        self._pieces.append(Piece(block.piece.count, arrays, block.piece.streams))

    def columns(self) -> Columns:
        """All that was taken in, once at the end."""
        whole = joined(self._pieces)
        self._pieces.clear()
        same = {
            name: np.broadcast_to(kind(unsaid), whole.count)
            for name, (unsaid, kind) in UNSAID.items()
            if name not in whole.arrays
        }
        arrays: dict[str, Any] = {"effects": np.zeros(0, np.int64), **same, **whole.arrays}
        arrays |= {name: table.names for name, table in self._tables.items()}
        return Columns(**arrays, streams=whole.streams)

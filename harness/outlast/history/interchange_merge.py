"""Blocks of operations -> one set of columns with one table of strings each."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from outlast.history.columns import Columns, Stream
from outlast.history.interchange_block import TABLES, Block
from outlast.history.interning import Interned

_DTYPES: Final = {
    **dict.fromkeys(("kind", "outcome", "seen", "scope", "cookie", "jar", "via"), np.uint8),
    **dict.fromkeys(("session", "user", "via_node", "replica", "boot", "build", "path", "effects_count"), np.int32),
    "status": np.int16,
}


class Merged:
    """Blocks as they come, in their order; strings that two blocks share get one position."""

    def __init__(self) -> None:
        self._tables = {name: Interned() for name in TABLES}
        self._arrays: dict[str, list[np.ndarray[Any, Any]]] = {}
        self._streams: dict[int, Stream] = {}
        self._rows = 0
        self._effects = 0

    def add(self, block: Block) -> None:
        """Take a block in. Cost: O(operations), plus one look-up per distinct string."""
        arrays = dict(block.arrays)
        for table, columns in TABLES.items():
            names = block.names[table]
            # position -1 (NONE_YET) and -2 (ABSENT) index from the end: the last two entries stand for themselves
            place = np.concatenate((self._tables[table].positions(names, len(names)), (-2, -1)))
            for column in columns:
                arrays[column] = place[arrays[column]]
        arrays["effects_start"] = arrays["effects_start"] + self._effects
        for name, array in arrays.items():
            self._arrays.setdefault(name, []).append(array.astype(_DTYPES.get(name, np.int64), copy=False))
        self._streams.update({self._rows + row: stream for row, stream in block.streams.items()})
        self._rows += len(block)
        self._effects += int(arrays["effects"].shape[0])

    def columns(self) -> Columns:
        """All that was taken in, once at the end."""
        joined: dict[str, Any] = {}
        for name in list(self._arrays):
            joined[name] = np.concatenate(self._arrays.pop(name))
        if not joined:
            return Columns.of(())
        joined |= {name: table.names for name, table in self._tables.items()}
        return Columns(**joined, streams=self._streams)

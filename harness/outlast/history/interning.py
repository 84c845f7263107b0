"""Strings -> positions, handed out as the strings come."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from outlast.history.columns import ABSENT, Ints


class Interned(dict[str | None, int]):
    """A table of strings; None is ABSENT. Looking a string up that is new gives it the next position."""

    def __init__(self) -> None:
        super().__init__({None: ABSENT})
        self.names: list[str] = []

    def __missing__(self, name: str | None) -> int:
        position = self[name] = len(self.names)
        self.names.append(name or "")
        return position

    def positions(self, names: Iterable[str | None], count: int) -> Ints:
        """Strings -> int64 positions; O(n)."""
        return np.fromiter(map(self.__getitem__, names), np.int64, count)

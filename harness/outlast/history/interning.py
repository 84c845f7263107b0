"""Strings numbered as they come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from itertools import count
from typing import Any

import numpy as np

from outlast.history.columns import ABSENT, Ints


class Interned:
    """A table of strings. `special`: what is no string of it, as None, and the number that stands for it."""

    def __init__(self, special: Mapping[Hashable, int] | None = None) -> None:
        self._positions: defaultdict[Any, int] = defaultdict(count().__next__, {None: ABSENT, **(special or {})})
        self._special = len(self._positions)

    @property
    def names(self) -> list[str]:
        """The strings by position."""
        return list(self._positions)[self._special :]

    def position(self, name: str) -> int:
        """String -> its position; one that is new gets the next."""
        return self._positions[name]

    def positions(self, names: Iterable[str | None], size: int) -> Ints:
        """So many strings -> int64 positions. Cost: O(n), a look-up each, none of it in Python's own loop."""
        return np.fromiter(map(self._positions.__getitem__, names), np.int64, size)

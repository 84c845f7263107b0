"""Numbers in a row of which the first few grow together, and the highest of the first few is asked for."""

from __future__ import annotations

from collections.abc import Sequence


class PrefixTree:
    """Add one to the first k numbers, highest of the first k; each in O(log n), for k from 1 to n.

    A binary tree over the numbers, told from the leaf k - 1 upwards: on the way to the root, what hangs to the left of
    the way lies wholly among the first k.
    """

    def __init__(self, numbers: Sequence[int]) -> None:
        self._size = 2 ** len(numbers).bit_length()
        # neither the unused leaves nor what is above them is ever asked: they are not among the first k
        self._best = [(0, 0)] * (2 * self._size)
        self._best[self._size : self._size + len(numbers)] = [(n, place) for place, n in enumerate(numbers)]
        self._more = [0] * len(self._best)
        for node in reversed(range(1, self._size)):
            self._best[node] = max(self._best[2 * node], self._best[2 * node + 1])

    def add_to_first(self, count: int) -> None:
        """Add one to the first `count` numbers."""
        node = self._size + count - 1
        self._raise(node)
        while node > 1:
            if node % 2:
                self._raise(node - 1)
            node //= 2
            number, place = max(self._best[2 * node], self._best[2 * node + 1])
            self._best[node] = (number + self._more[node], place)

    def highest_of_first(self, count: int) -> tuple[int, int]:
        """(number, place) of the highest among the first `count`; of equal ones the last."""
        node = self._size + count - 1
        number, place = self._best[node]
        while node > 1:
            if node % 2:
                number, place = max((number, place), self._best[node - 1])
            node //= 2
            number += self._more[node]
        return number, place

    def _raise(self, node: int) -> None:
        number, place = self._best[node]
        self._best[node] = (number + 1, place)
        self._more[node] += 1

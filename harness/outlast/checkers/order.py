"""The order of some values: where each would stand if they were sorted, which is the highest so far."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from outlast.history.columns import Ints


def ascending(values: NDArray[Any]) -> Ints:
    """(n,) -> the (n,) places of the lowest, the next, ...; of equal values the earlier place comes first.

    Cost: a sort, and less where they are nearly in order.
    """
    order: Ints = np.argsort(values, kind="stable")
    return order


def holders(values: NDArray[Any]) -> Ints:
    """(n,) -> per place the place of the highest value up to and with it; of equal ones the last. Cost: O(n)."""
    highest = np.maximum.accumulate(values)
    places: Ints = np.maximum.accumulate(np.where(values == highest, np.arange(len(values)), 0))
    return places

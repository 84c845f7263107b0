"""The order of some values: where each would stand if they were sorted."""

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

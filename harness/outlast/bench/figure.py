"""One measured figure: the median of several runs, with its spread."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` is the median of `runs` measurements between `min` and `max`, all in `unit`; `note`: of what."""

    name: str
    value: float
    unit: str
    min: float
    max: float
    runs: int
    note: str = ""


def median(name: str, unit: str, measured: Sequence[float], *, note: str = "") -> Figure:
    """Several measurements -> their figure. Raises ValueError for none."""
    if not measured:
        raise ValueError(f"{name}: nothing was measured")
    return Figure(name, statistics.median(measured), unit, min(measured), max(measured), len(measured), note)


def percentile(name: str, unit: str, measured: Sequence[float], share: float) -> Figure:
    """Several measurements -> the one that `share` of them do not exceed. Raises ValueError for none."""
    if not measured:
        raise ValueError(f"{name}: nothing was measured")
    ordered = sorted(measured)
    value = ordered[min(len(ordered) - 1, int(share * len(ordered)))]
    return Figure(name, value, unit, ordered[0], ordered[-1], len(ordered))

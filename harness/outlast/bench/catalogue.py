"""The benchmarks by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Final

from outlast.bench.figure import Figure
from outlast.errors import UnknownName

NAMES: Final = ("judge", "load", "run", "faults")

Measure = Callable[[int], Sequence[Figure]]


def benchmark(name: str) -> Measure:
    """Name -> what measures it: number of runs -> figures. Raises UnknownName."""
    if name not in NAMES:
        raise UnknownName("benchmark", name, NAMES)
    measure: Measure = importlib.import_module(f"outlast.bench.{name}").measure
    return measure

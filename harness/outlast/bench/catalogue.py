"""The benchmarks by name."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Sequence
from typing import Final

from outlast.bench.figure import Figure
from outlast.errors import UnknownName, UsageError

NAMES: Final = ("judge", "load", "run", "faults", "sessions", "attack", "limits")

Measure = Callable[[int], Sequence[Figure]]


def benchmark(name: str, only: Sequence[str] = (), tell: Callable[[str], None] = lambda text: None) -> Measure:
    """Name -> what measures it: number of runs -> figures. `tell` hears what goes on, and what is left out.

    `only`: names of faults, for the one that measures them. Raises UnknownName, and UsageError for faults elsewhere.
    """
    if name not in NAMES:
        raise UnknownName("benchmark", name, NAMES)
    module = importlib.import_module(f"outlast.bench.{name}")
    if name == "faults":
        module.contests(only)  # a wrong name is told before anything is measured
        return functools.partial(module.measure, only=only, tell=tell)
    if only:
        raise UsageError(f"--only names faults, and `outlast bench {name}` measures none; use `outlast bench faults`.")
    measure: Measure = module.measure
    return measure

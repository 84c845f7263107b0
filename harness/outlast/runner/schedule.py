"""Who is struck and when: it all follows from the seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from outlast.faults.fault import Fault
from outlast.stacks.stack import Node
from outlast.workloads.workload import Load

STEADY_SHARE = 1 / 3
STRIKE_SHARE = 1 / 2
HEAL_SHARE = 3 / 4


@dataclass(frozen=True, slots=True)
class Strike:
    """One fault on its victims, from `at_s` after the load's start until `at_s + for_s`."""

    fault: Fault
    nodes: tuple[Node, ...]
    at_s: float
    for_s: float


@dataclass(frozen=True, slots=True)
class Schedule:
    """The plan of one run in seconds after the load's start."""

    steady_s: float
    strikes: tuple[Strike, ...]
    load_s: float


def schedule_of(faults: Sequence[Fault], load: Load, nodes: Sequence[Node], seed: int) -> Schedule:
    """Faults, load, nodes, seed -> schedule: steady for a third, struck in the middle, healed at three quarters.

    Raises UsageError when a fault's aim finds nobody.
    """
    dice = random.Random(f"{seed}:schedule")
    strikes = tuple(
        Strike(
            fault,
            fault.aim.choose(nodes, dice),
            load.seconds * STRIKE_SHARE,
            load.seconds * (HEAL_SHARE - STRIKE_SHARE),
        )
        for fault in faults
    )
    return Schedule(load.seconds * STEADY_SHARE, strikes, load.seconds)

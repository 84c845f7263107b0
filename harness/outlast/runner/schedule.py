"""Who is struck and when: it all follows from the seed, but for what a moment or a late aim decides."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from outlast.faults.aim import Minority, One
from outlast.faults.aim_late import LateAim
from outlast.faults.fault import Fault
from outlast.faults.moment import Moment
from outlast.runner.course import STEADY_SHARE, Course, Stroke, courses_of
from outlast.stacks.stack import Node
from outlast.workloads.workload import Load


@dataclass(frozen=True, slots=True)
class Strike:
    """One fault on its victims, from `at_s` after the load's start for `for_s`.

    With a moment: looked out for from `at_s` on, for `patience_s` at most. `nodes` of a late aim are empty until it is
    struck. `after`: the number of the strike that must be healed before it.
    """

    fault: Fault
    nodes: tuple[Node, ...]
    at_s: float
    for_s: float
    number: int = 1
    moment: Moment | None = None
    patience_s: float = 0.0
    after: int | None = None

    @property
    def late(self) -> LateAim | None:
        """The aim, if its victims are found only when they are struck."""
        return self.fault.aim if isinstance(self.fault.aim, LateAim) else None


@dataclass(frozen=True, slots=True)
class Schedule:
    """The plan of one run in seconds after the load's start."""

    steady_s: float
    strikes: tuple[Strike, ...]
    load_s: float


def schedule_of(faults: Sequence[Fault | Course], load: Load, nodes: Sequence[Node], seed: int) -> Schedule:
    """Faults and courses, load, nodes, seed -> schedule: steady for a third, then struck as the courses say.

    Raises UsageError for times that cannot be, OutlastError when a fault's aim can find nobody.
    """
    dice = random.Random(f"{seed}:schedule")
    strikes: list[Strike] = []
    for course in courses_of(faults):
        for stroke in course.strokes(load, dice):
            strikes.append(
                Strike(
                    fault=stroke.fault,
                    nodes=_victims(stroke, nodes, strikes, dice),
                    at_s=stroke.at_s,
                    for_s=stroke.for_s,
                    number=len(strikes) + 1,
                    moment=stroke.moment,
                    patience_s=stroke.patience_s,
                    after=len(strikes) if stroke.follows else None,
                )
            )
    return Schedule(load.seconds * STEADY_SHARE, tuple(strikes), load.seconds)


def _victims(stroke: Stroke, nodes: Sequence[Node], others: Sequence[Strike], dice: random.Random) -> tuple[Node, ...]:
    """Any one node is one that is not struck at the same time already, as long as there is such a one."""
    aim = stroke.fault.aim
    if isinstance(aim, LateAim):
        aim.choose(nodes, dice)  # refused now if it can find nobody
        return ()
    if isinstance(aim, One | Minority):
        taken = {node for other in others if _may_meet(stroke, other) for node in other.nodes}
        free = [node for node in nodes if node not in taken]
        enough = isinstance(aim, One) and any(node.role is aim.role for node in free)
        return aim.choose(free if enough else nodes, dice)
    return aim.choose(nodes, dice)


def _may_meet(stroke: Stroke, other: Strike) -> bool:
    """Whether both may be in force at once; of what waits for a moment nobody knows."""
    if stroke.moment is not None or other.moment is not None:
        return True
    if stroke.follows:
        return False
    return other.at_s < stroke.at_s + stroke.for_s and stroke.at_s < other.at_s + other.for_s

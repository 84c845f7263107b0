"""How faults follow each other: a course says which strikes a load gets, when or at what moment, and for how long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol, runtime_checkable

from outlast.errors import UsageError
from outlast.faults.fault import Fault
from outlast.faults.moment import Moment, slow_request
from outlast.workloads.workload import Load

STEADY_SHARE = 1 / 3
"""Of the seconds under load: so long nothing is harmed."""
STRIKE_SHARE = 1 / 2
HEAL_SHARE = 3 / 4
SERIES = (2 / 5, 9 / 10)
"""Where faults that follow each other begin and end."""
PATIENCE_SHARE = 1 / 2
"""How long a moment is waited for by default, from the end of the steady phase on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A strike whose victims are not chosen yet, `at_s` after the load's start and for `for_s`.

    With a moment: `at_s` is when it is looked out for, and after `patience_s` it is given up. `follows`: it waits until
    the stroke before it in its course is healed, however late that is.
    """

    fault: Fault
    at_s: float
    for_s: float
    moment: Moment | None = None
    patience_s: float = 0.0
    follows: bool = False


@runtime_checkable
class Course(Protocol):
    """Faults in time."""

    def faults(self) -> tuple[Fault, ...]:
        """All that it may do."""
        ...

    def strokes(self, load: Load, dice: Random) -> tuple[Stroke, ...]:
        """What it does, in the order of its strikes; raises `UsageError` for times that cannot be."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """One fault at a share of the load's time."""

    fault: Fault
    share: float = STRIKE_SHARE
    lasting_s: float | None = None

    def __post_init__(self) -> None:
        if not STEADY_SHARE <= self.share < 1:
            raise UsageError(
                f"at(share={self.share:g}): the first third of the load is steady, without a fault; "
                "give a share from 0.34 to below 1."
            )
        _refuse_no_time("lasting_s", self.lasting_s)

    def faults(self) -> tuple[Fault, ...]:
        return (self.fault,)

    def strokes(self, load: Load, dice: Random) -> tuple[Stroke, ...]:
        for_s = load.seconds * (HEAL_SHARE - STRIKE_SHARE) if self.lasting_s is None else self.lasting_s
        return (Stroke(fault=self.fault, at_s=load.seconds * self.share, for_s=for_s),)


@dataclass(frozen=True, slots=True, kw_only=True)
class InSequence:
    """One after the other, each healed before the next; two thirds of its turn a fault is in force."""

    those: tuple[Fault, ...]
    lasting_s: float | None = None

    def __post_init__(self) -> None:
        _refuse_nothing("sequence", self.those)
        _refuse_no_time("lasting_s", self.lasting_s)

    def faults(self) -> tuple[Fault, ...]:
        return self.those

    def strokes(self, load: Load, dice: Random) -> tuple[Stroke, ...]:
        turn_s = load.seconds * (SERIES[1] - SERIES[0]) / len(self.those)
        for_s = turn_s * 2 / 3 if self.lasting_s is None else self.lasting_s
        return tuple(
            Stroke(fault=fault, at_s=load.seconds * SERIES[0] + turn_s * turn, for_s=for_s, follows=turn > 0)
            for turn, fault in enumerate(self.those)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlapping:
    """All in force at once for a while: they begin shortly after each other and are healed in reverse."""

    those: tuple[Fault, ...]

    def __post_init__(self) -> None:
        _refuse_nothing("overlapping", self.those)

    def faults(self) -> tuple[Fault, ...]:
        return self.those

    def strokes(self, load: Load, dice: Random) -> tuple[Stroke, ...]:
        step = (HEAL_SHARE - STRIKE_SHARE) / 2 / len(self.those)
        shares = [STRIKE_SHARE + step * place for place in range(len(self.those))]
        return tuple(
            Stroke(fault=fault, at_s=load.seconds * share, for_s=load.seconds * (HEAL_SHARE - share))
            for fault, share in zip(self.those, shares, strict=True)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Randomly:
    """So many of these faults, which, when and for how long by the seed; never two at once."""

    count: int
    those: tuple[Fault, ...]

    def __post_init__(self) -> None:
        _refuse_nothing("randomly", self.those)
        if self.count < 1:
            raise UsageError(f"randomly({self.count}): give a number above zero.")

    def faults(self) -> tuple[Fault, ...]:
        return self.those

    def strokes(self, load: Load, dice: Random) -> tuple[Stroke, ...]:
        turn_s = load.seconds * (SERIES[1] - SERIES[0]) / self.count
        return tuple(
            Stroke(
                fault=dice.choice(self.those),
                at_s=load.seconds * SERIES[0] + turn_s * (turn + dice.uniform(0, 0.4)),
                for_s=turn_s * dice.uniform(0.2, 0.5),
                follows=turn > 0,
            )
            for turn in range(self.count)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """One fault as soon as a moment has come; if it does not come in time, nobody is struck and nothing is proven."""

    moment: Moment
    fault: Fault
    patience_s: float | None = None
    lasting_s: float | None = None

    def __post_init__(self) -> None:
        _refuse_no_time("patience_s", self.patience_s)
        _refuse_no_time("lasting_s", self.lasting_s)

    def faults(self) -> tuple[Fault, ...]:
        return (self.fault,)

    def strokes(self, load: Load, dice: Random) -> tuple[Stroke, ...]:
        return (
            Stroke(
                fault=self.fault,
                at_s=load.seconds * STEADY_SHARE,
                for_s=load.seconds * (HEAL_SHARE - STRIKE_SHARE) if self.lasting_s is None else self.lasting_s,
                moment=self.moment,
                patience_s=load.seconds * PATIENCE_SHARE if self.patience_s is None else self.patience_s,
            ),
        )


def at(fault: Fault, share: float = STRIKE_SHARE, lasting_s: float | None = None) -> At:
    """A fault at a share of the load's time: `at(Kill(one("replica")), share=0.4, lasting_s=2)`."""
    return At(fault=fault, share=share, lasting_s=lasting_s)


def sequence(*faults: Fault, lasting_s: float | None = None) -> InSequence:
    """One after the other: `sequence(Kill(one("replica")), Pause(every("store")))`."""
    return InSequence(those=faults, lasting_s=lasting_s)


def overlapping(*faults: Fault) -> Overlapping:
    """All in force at once: `overlapping(Kill(one("replica")), Pause(every("store")))`."""
    return Overlapping(those=faults)


def randomly(count: int, of: Sequence[Fault]) -> Randomly:
    """So many, drawn by the seed: `randomly(3, of=[Kill(one("replica")), Pause(one("replica"))])`."""
    return Randomly(count=count, those=tuple(of))


def when(moment: Moment, fault: Fault, patience_s: float | None = None, lasting_s: float | None = None) -> When:
    """A fault at an event: `when(sessions_on_victim(200), Kill(busiest("replica")))`."""
    return When(moment=moment, fault=fault, patience_s=patience_s, lasting_s=lasting_s)


def during_slow_request(fault: Fault, patience_s: float | None = None, lasting_s: float | None = None) -> When:
    """A fault while its victim is at work on a slow request; the load must have some: `Load(mix=Mix(slow=5))`."""
    return When(moment=slow_request(), fault=fault, patience_s=patience_s, lasting_s=lasting_s)


def courses_of(faults: Sequence[Fault | Course]) -> tuple[Course, ...]:
    """What an experiment lists -> courses; a fault by itself strikes in the middle of the load."""
    return tuple(one if isinstance(one, Course) else At(fault=one) for one in faults)


def faults_in(courses: Sequence[Course]) -> Iterator[Fault]:
    """All faults that these courses may do."""
    for course in courses:
        yield from course.faults()


def _refuse_nothing(name: str, those: tuple[Fault, ...]) -> None:
    if not those:
        raise UsageError(f"{name} of no fault: give it at least one.")


def _refuse_no_time(name: str, seconds: float | None) -> None:
    if seconds is not None and not 0 < seconds < 86_400:
        raise UsageError(f"{name}={seconds:g}: give seconds above zero, at most a day.")

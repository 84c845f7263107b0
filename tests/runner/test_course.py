"""How faults follow each other: times are shares of the load, and the dice are the seed's."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outlast.errors import OutlastError, UsageError
from outlast.faults.aim import every, named, one
from outlast.faults.aim_late import busiest
from outlast.faults.kill import Kill
from outlast.faults.moment import sessions_on_victim
from outlast.faults.pause import Pause
from outlast.faults.stop import Stop
from outlast.runner.course import (
    Course,
    at,
    courses_of,
    during_slow_request,
    faults_in,
    overlapping,
    randomly,
    sequence,
    when,
)
from outlast.runner.schedule import Schedule, schedule_of
from outlast.stacks.stack import Node, Role
from outlast.workloads.workload import Load

REPLICAS = tuple(Node(f"app-{n}", Role.REPLICA, f"app-{n}") for n in (1, 2, 3))
NODES = (*REPLICAS, Node("store", Role.STORE, "store"))
LOAD = Load(seconds=60)
KILL, PAUSE, STOP = Kill(one("replica")), Pause(one("replica")), Stop(every("store"))


def schedule(*courses: Course | Kill | Pause, load: Load = LOAD, seed: int = 7) -> Schedule:
    return schedule_of(courses, load, NODES, seed)


def times(made: Schedule) -> list[tuple[str, float, float]]:
    return [(s.fault.name, round(s.at_s, 3), round(s.at_s + s.for_s, 3)) for s in made.strikes]


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        (at(KILL), [("kill", 30, 45)]),
        (at(KILL, share=0.4, lasting_s=2), [("kill", 24, 26)]),
        (sequence(KILL, STOP), [("kill", 24, 34), ("stop", 39, 49)]),
        (sequence(KILL, STOP, lasting_s=1), [("kill", 24, 25), ("stop", 39, 40)]),
        (overlapping(KILL, STOP), [("kill", 30, 45), ("stop", 33.75, 45)]),
        (when(sessions_on_victim(2), KILL), [("kill", 20, 35)]),
        (during_slow_request(KILL, patience_s=3, lasting_s=4), [("kill", 20, 24)]),
    ],
)
def test_when_each_course_strikes_and_heals(course: Course, expected: list[tuple[str, float, float]]) -> None:
    """Name, onset and end in seconds of a load of 60 s."""
    assert expected == times(schedule(course))


def test_a_fault_by_itself_is_at_the_middle() -> None:
    """As it was before there were courses."""
    assert times(schedule(at(KILL))) == times(schedule(KILL))
    assert (at(KILL),) == courses_of([KILL])


def test_only_a_sequence_waits_for_the_heal_before() -> None:
    """However long that takes."""
    assert [None, 1, 2] == [strike.after for strike in schedule(sequence(KILL, STOP, PAUSE)).strikes]
    assert [None, None] == [strike.after for strike in schedule(overlapping(KILL, STOP)).strikes]
    assert [None, None, 2] == [strike.after for strike in schedule(KILL, sequence(KILL, STOP)).strikes]


def test_a_moment_is_waited_for_with_patience() -> None:
    """From the end of the steady phase on; by default for half of the load."""
    (strike,) = schedule(when(sessions_on_victim(2), KILL)).strikes
    (hasty,) = schedule(when(sessions_on_victim(2), KILL, patience_s=3)).strikes

    assert (20, 30, sessions_on_victim(2)) == (strike.at_s, strike.patience_s, strike.moment)
    assert 3 == hasty.patience_s


COURSES: list[Callable[[], Course]] = [
    lambda: randomly(3, of=[KILL, PAUSE, STOP]),
    lambda: sequence(KILL, PAUSE, STOP),
    lambda: overlapping(KILL, PAUSE),
    lambda: when(sessions_on_victim(2), KILL),
]


@given(st.sampled_from(COURSES), st.integers(), st.floats(3, 3600))
def test_the_same_seed_makes_the_same_schedule(course: Callable[[], Course], seed: int, seconds: float) -> None:
    """Whom, what, when: all of it."""
    load = Load(seconds=seconds)

    assert schedule(course(), load=load, seed=seed) == schedule(course(), load=load, seed=seed)


def test_other_seeds_make_other_schedules() -> None:
    """What, when and whom."""
    made = [schedule(randomly(3, of=[KILL, PAUSE]), seed=seed) for seed in range(30)]

    assert len({tuple(s.fault.name for s in one.strikes) for one in made}) > 4
    assert len({one.strikes[0].at_s for one in made}) == 30
    assert len({tuple(s.nodes for s in one.strikes) for one in made}) > 4


@given(st.integers(1, 6), st.integers(), st.floats(3, 3600))
def test_random_faults_never_meet_and_leave_the_steady_phase_alone(count: int, seed: int, seconds: float) -> None:
    """One is over before the next begins, and the last before the load is."""
    made = schedule(randomly(count, of=[KILL, PAUSE, STOP]), load=Load(seconds=seconds), seed=seed)
    spans = [(strike.at_s, strike.at_s + strike.for_s) for strike in made.strikes]

    assert count == len(spans)
    assert all(begin < end for begin, end in spans)
    assert all(first[1] < second[0] for first, second in pairwise(spans))
    assert made.steady_s < spans[0][0]
    assert spans[-1][1] < made.load_s


@given(st.integers())
def test_faults_that_meet_strike_different_nodes_where_any_will_do(seed: int) -> None:
    """A pause of a node that is dead would be no pause. Nodes that were named are taken at their word."""
    first, second = schedule(overlapping(KILL, PAUSE), seed=seed).strikes
    both = schedule(overlapping(Kill(named("app-1")), Pause(named("app-1"))), seed=seed).strikes

    assert first.nodes != second.nodes
    assert [(REPLICAS[0],), (REPLICAS[0],)] == [strike.nodes for strike in both]


def test_when_all_are_struck_any_is_struck_again() -> None:
    """Three replicas and four faults at once."""
    four = schedule(overlapping(KILL, KILL, KILL, PAUSE)).strikes

    assert set(REPLICAS) == {node for strike in four[:3] for node in strike.nodes}
    assert four[3].nodes


def test_a_late_aim_has_no_victim_yet_but_must_be_able_to_have_one() -> None:
    """Refused before anything is started, and not when it is due."""
    (strike,) = schedule(Kill(busiest("replica"))).strikes

    assert () == strike.nodes
    assert busiest("replica") == strike.late
    with pytest.raises(OutlastError, match="no balancer"):
        schedule(Kill(busiest("balancer")))


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: at(KILL, share=0.2), "first third of the load is steady"),
        (lambda: at(KILL, share=1), "0.34 to below 1"),
        (lambda: at(KILL, lasting_s=0), "lasting_s=0"),
        (lambda: sequence(), "sequence of no fault"),
        (lambda: overlapping(), "overlapping of no fault"),
        (lambda: randomly(2, of=[]), "randomly of no fault"),
        (lambda: randomly(0, of=[KILL]), "above zero"),
        (lambda: when(sessions_on_victim(1), KILL, patience_s=-1), "patience_s=-1"),
        (lambda: sequence(KILL, lasting_s=float("nan")), "lasting_s=nan"),
    ],
)
def test_times_that_cannot_be_are_a_mistake(make: Callable[[], Course], why: str) -> None:
    """Told when the experiment is written."""
    with pytest.raises(UsageError, match=why):
        make()


def test_all_faults_of_a_course_are_known_beforehand() -> None:
    """Consent and powers are asked for all that it may do, drawn or not."""
    courses = courses_of([KILL, sequence(PAUSE, STOP), randomly(1, of=[KILL, STOP]), during_slow_request(PAUSE)])

    assert [KILL, PAUSE, STOP, KILL, STOP, PAUSE] == list(faults_in(courses))

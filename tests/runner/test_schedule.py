"""Who is struck and when follows from the seed alone."""

from __future__ import annotations

import pytest

from outlast.errors import OutlastError
from outlast.faults.aim import every, one
from outlast.faults.kill import Kill
from outlast.runner.schedule import schedule_of
from outlast.stacks.stack import Node, Role
from outlast.workloads.workload import Load

NODES = tuple(Node(f"app-{n}", Role.REPLICA, f"app-{n}") for n in range(1, 10))


def victims(seed: int) -> tuple[str, ...]:
    schedule = schedule_of([Kill(one("replica"))], Load(), NODES, seed)
    return tuple(node.name for strike in schedule.strikes for node in strike.nodes)


def test_the_same_seed_strikes_the_same_node() -> None:
    """A run can be done again."""
    assert [victims(seed) for seed in range(50)] == [victims(seed) for seed in range(50)]


def test_other_seeds_strike_other_nodes() -> None:
    """The seed is really thrown."""
    assert len({victims(seed) for seed in range(50)}) > 4


def test_the_fault_is_in_the_middle_of_the_load() -> None:
    """Steady first, time under load after the heal last."""
    schedule = schedule_of([Kill(every("replica"))], Load(seconds=15), NODES, 1)
    strike = schedule.strikes[0]

    assert 0 < schedule.steady_s < strike.at_s < strike.at_s + strike.for_s < schedule.load_s
    assert 7.5 == strike.at_s
    assert NODES == strike.nodes


def test_no_fault_is_a_schedule_too() -> None:
    """The control has phases and no strike."""
    assert () == schedule_of([], Load(), NODES, 1).strikes


def test_an_aim_at_nobody_is_an_error() -> None:
    """Never a run that silently strikes nobody."""
    with pytest.raises(OutlastError, match="has no store"):
        schedule_of([Kill(one("store"))], Load(), NODES, 1)

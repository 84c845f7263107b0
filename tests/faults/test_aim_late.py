"""Whom a fault strikes follows, at the instant of the strike, from where the sessions and the data live then."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.faults.scenes import NODES, REPLICAS, STORES, scene

from outlast.errors import StackError, UnknownName, Unsupported
from outlast.faults.aim import one
from outlast.faults.aim_late import FoundBy, LateAim, busiest, holder_of
from outlast.faults.scene import Scene
from outlast.stacks.stack import Node, Role, Stack


def found(aim: LateAim, at: Scene, seed: int = 7) -> list[str]:
    return [node.name for node in aim.find(at, random.Random(seed))]


@pytest.mark.parametrize(
    ("alive_on", "struck", "name"),
    [
        ({"app-1": 3, "app-2": 9, "app-3": 5}, (), "app-2"),
        ({"app-1": 3, "app-2": 9, "app-3": 5}, ("app-2",), "app-3"),
        ({"app-3": 1, "elsewhere": 50}, (), "app-3"),
    ],
)
def test_the_busiest_has_most_sessions_and_is_not_struck_already(
    alive_on: dict[str, int], struck: tuple[str, ...], name: str
) -> None:
    """A node that is down keeps the sessions that nobody has asked since."""
    assert [name] == found(busiest("replica"), scene(alive_on, struck=struck))


def test_of_equally_busy_ones_the_seed_decides() -> None:
    """And the same seed decides the same."""
    at = scene({"app-1": 4, "app-3": 4})

    assert {"app-1", "app-3"} == {found(busiest("replica"), at, seed)[0] for seed in range(40)}
    assert found(busiest("replica"), at) == found(busiest("replica"), at)


@given(st.dictionaries(st.sampled_from([node.name for node in REPLICAS]), st.integers(0, 9)), st.integers())
def test_nobody_is_busier_than_the_busiest(alive_on: dict[str, int], seed: int) -> None:
    """Whatever the counts; and without a session nobody is struck for it."""
    if not any(alive_on.values()):
        with pytest.raises(StackError, match="No session lives on a replica"):
            found(busiest("replica"), scene(alive_on), seed)
        return
    (name,) = found(busiest("replica"), scene(alive_on), seed)

    assert max(alive_on.values()) == alive_on[name]


def test_the_holder_of_a_session_is_who_answered_it_last() -> None:
    """A session that is not there any more has none, and then nobody is struck in its place."""
    at = scene(holders={"s17": "app-3", "s18": "app-1"})

    assert ["app-3"] == found(holder_of("s17"), at)
    with pytest.raises(StackError, match="No replica holds session s19"):
        found(holder_of("s19"), at)


def test_what_a_look_at_the_stack_finds_is_struck() -> None:
    """The look is given the nodes of its role alone: the current primary among the stores."""
    seen: list[Sequence[Node]] = []

    def last(stack: Stack, nodes: Sequence[Node]) -> Node:
        seen.append(nodes)
        return nodes[-1]

    aim = FoundBy(Role.STORE, "the current primary", last)

    assert ["store-2"] == found(aim, scene())
    assert [STORES] == seen


@pytest.mark.parametrize("aim", [busiest("replica"), holder_of("s1"), FoundBy(Role.REPLICA, "x", lambda s, n: n[0])])
def test_a_late_aim_knows_its_candidates_beforehand(aim: LateAim) -> None:
    """A stack without such a role is refused before anything is started, and a plan can say how they are found."""
    assert REPLICAS == aim.choose(NODES, random.Random(1))
    assert aim.how
    with pytest.raises(Unsupported, match="no replica"):
        aim.choose(STORES, random.Random(1))


def test_only_late_aims_are_late() -> None:
    """The others are known before anything is started."""
    assert isinstance(busiest("replica"), LateAim)
    assert not isinstance(one("replica"), LateAim)
    with pytest.raises(UnknownName, match="Did you mean 'replica'"):
        busiest("replcia")

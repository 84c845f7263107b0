"""Whom a fault strikes follows from the aim, the nodes and the seed alone."""

from __future__ import annotations

import random

import pytest

from outlast.errors import NodeNotFound, UnknownName, Unsupported
from outlast.faults.aim import every, minority, named, one
from outlast.faults.fault import Aim
from outlast.stacks.stack import Node, Role


def replicas(count: int) -> tuple[Node, ...]:
    names = [f"app-{number}" for number in range(1, count + 1)]
    balancer = Node(name="balancer", role=Role.BALANCER, service="balancer")
    return (balancer, *(Node(name=name, role=Role.REPLICA, service=name) for name in names))


def chosen(aim: Aim, count: int, seed: int = 7) -> list[str]:
    return [node.name for node in aim.choose(replicas(count), random.Random(seed))]


def test_the_same_seed_strikes_the_same_node() -> None:
    """A run can be done again."""
    assert chosen(one("replica"), 5) == chosen(one("replica"), 5)
    assert {"app-1", "app-2", "app-3"} == {chosen(one("replica"), 3, seed)[0] for seed in range(50)}


@pytest.mark.parametrize(("count", "size"), [(3, 1), (4, 1), (5, 2), (7, 3)])
def test_a_minority_leaves_more_than_half(count: int, size: int) -> None:
    """What is left has a majority."""
    victims = chosen(minority("replica"), count)

    assert size == len(set(victims))
    assert count - size > count / 2


@pytest.mark.parametrize("count", [1, 2])
def test_few_have_no_minority(count: int) -> None:
    """Of one or two, none can go while more than half stay."""
    with pytest.raises(Unsupported, match="no minority"):
        chosen(minority("replica"), count)


def test_every_means_every_one_of_the_role() -> None:
    """In the stack's own order, and nobody of another role."""
    assert ["app-1", "app-2", "app-3"] == chosen(every("replica"), 3)


def test_named_means_just_those() -> None:
    """In the order in which they were named; a name that the stack lacks is an error that knows the others."""
    assert ["app-2", "balancer"] == chosen(named("app-2", "balancer"), 3)
    with pytest.raises(NodeNotFound, match=r"app-9.*app-1"):
        chosen(named("app-9"), 3)


def test_a_role_that_the_stack_lacks_cannot_be_struck() -> None:
    """An architecture without a store says nothing about losing one: skipped with its reason."""
    with pytest.raises(Unsupported, match="no store"):
        chosen(one("store"), 3)


def test_a_role_that_does_not_exist_is_told_with_the_known_ones() -> None:
    """A typing mistake is told when the experiment is written, not when it runs."""
    with pytest.raises(UnknownName, match="Did you mean 'replica'"):
        one("replcia")

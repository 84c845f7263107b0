"""Loss is some of the packets, seen by the node's own programs; then all arrive again."""

from __future__ import annotations

from typing import Any

import pytest
from tests.faults.harming import Idle, in_force

from outlast.errors import UsageError
from outlast.faults.aim import named
from outlast.faults.loss import Loss
from outlast.stacks import residue
from outlast.stacks.stack import Stack

pytestmark = pytest.mark.compose

HIM = named("app-1")


def test_some_arrive_and_some_do_not(networked: Stack, inside: Any) -> None:
    """Of a hundred datagrams at 50 % neither all arrive nor none; before and after all do."""
    whole = inside.datagrams_arrived("app-1", "app-2", 100)
    with in_force(networked, inside, Loss(HIM, percent=50)) as proofs:
        out = inside.datagrams_arrived("app-1", "app-2", 100)
        back = inside.datagrams_arrived("app-2", "app-1", 100)
        rules = inside.rules("app-1")

    assert all(proof.holds for proof in proofs), proofs
    assert 100 == whole
    assert 0 < out < 100
    assert 0 < back < 100
    assert "packets lost going out" in proofs[1].evidence
    assert f"outlast_{networked.run_id}_loss" in rules
    assert "outlast" not in inside.rules("app-1")
    assert 100 == inside.datagrams_arrived("app-1", "app-2", 100)


def test_a_tenth_of_a_percent_is_proven_too(networked: Stack, inside: Any) -> None:
    """The smaller the share, the more packets are sent to see it."""
    with in_force(networked, inside, Loss(HIM, percent=0.1)) as proofs:
        pass

    assert all(proof.holds for proof in proofs), proofs


def test_a_rule_that_loses_nothing_is_not_proven(networked: Stack, inside: Any) -> None:
    """Sabotage: nothing was put in force."""
    onset = Loss(HIM).strike(Idle(networked, "create table"), inside.node("app-1"))  # type: ignore[arg-type]

    assert not onset.holds
    assert "no rule is there" in onset.evidence


def test_a_heal_that_did_nothing_is_not_proven_and_the_record_alone_heals(networked: Stack, inside: Any) -> None:
    """Table still there: not healed. The run's id and the facts suffice to take it away."""
    node, fault = inside.node("app-1"), Loss(HIM)
    before, record = networked.state(node), fault.undo(networked, node)
    onset = fault.strike(networked, node)

    idle = fault.heal(Idle(networked, "network"), node, before)  # type: ignore[arg-type]
    meanwhile = inside.rules("app-1")
    residue.undo("compose", networked.run_id, node.name, record.verb, dict(record.facts))

    assert onset.holds, onset.evidence
    assert not idle.holds
    assert "_loss" in meanwhile
    assert "outlast" not in inside.rules("app-1")


@pytest.mark.parametrize("percent", [0, 0.05, 101])
def test_a_share_that_is_none_is_refused(percent: float) -> None:
    """With what it may be."""
    with pytest.raises(UsageError, match="to 100 percent"):
        Loss(HIM, percent=percent)

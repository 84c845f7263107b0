"""Scaling out and in, on the lab: who comes is met at the door, who goes is not, and nobody else is touched."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.conftest import new_run_id
from tests.faults.small_stack import Idle, answer, wait_for

from outlast.errors import EngineError, Unsupported
from outlast.faults.aim import named, one
from outlast.faults.scale_in import ScaleIn
from outlast.faults.scale_out import ScaleOut
from outlast.stacks import residue
from outlast.stacks.compose.stack import ComposeStack
from outlast.stacks.engine import choose, open_stack
from outlast.stacks.powers import nodes_of, scaling
from outlast.stacks.stack import Node, Power, Role, Stack, Status

LOOKS = 12
pytestmark = pytest.mark.compose


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The lab; whoever changes its size changes it back."""
    try:
        choose("compose")
    except EngineError as lacking:
        pytest.skip(str(lacking))
    made = open_stack("compose", "sticky-memory", new_run_id(), tmp_path_factory.mktemp("scaling"))
    try:
        made.start()
        yield made
    finally:
        made.remove()


@pytest.fixture
def spare(stack: Stack) -> Node:
    (node,) = scaling(stack).spares()
    return node


@pytest.fixture
def replica(stack: Stack) -> Node:
    return next(node for node in stack.nodes() if node.name == "app-2")


def met(stack: Stack) -> set[str]:
    """Who answers at the door to somebody who comes for the first time, again and again."""
    answers = [json.loads(answer(stack.door(), "/me") or "{}") for _ in range(LOOKS)]
    return {str(one["replica"]) for one in answers if "replica" in one}


def containers(stack: Stack) -> set[str]:
    """The services of this run that have a container, as the docker command tells."""
    label = '{{.Label "com.docker.compose.service"}}'
    asked = ["docker", "ps", "-a", "--filter", f"label=outlast.run={stack.run_id}", "--format", label]
    return set(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split())


def test_a_spare_does_not_start_with_the_stack(stack: Stack, spare: Node) -> None:
    """It is none of the nodes, has no container, and is no dead replica; an aim finds it all the same."""
    assert "app-4" not in {node.name for node in stack.nodes()} | containers(stack)
    assert Role.SPARE is spare.role
    assert Status.ABSENT is stack.state(spare).status
    assert stack.address(spare) is None
    assert "app-4" in {node.name for node in nodes_of(stack)}
    assert {"app-1", "app-2", "app-3"} == met(stack)


def test_a_spare_joins_and_is_taken_away(stack: Stack, spare: Node) -> None:
    """The door's answers come from it while it is there, and from the three others afterwards; nobody was restarted."""
    others = [stack.state(node) for node in stack.nodes()]
    fault, before, called_ns = ScaleOut(one("spare")), stack.state(spare), time.monotonic_ns()
    fault.undo(stack, spare)

    onset = fault.strike(stack, spare)
    meanwhile = met(stack)
    heal = fault.heal(stack, spare, before)

    assert onset.holds, onset.evidence
    assert onset.seen_ns is not None
    assert called_ns < onset.seen_ns
    assert {"app-1", "app-2", "app-3", "app-4"} == meanwhile
    assert heal.holds, heal.evidence
    assert "app-4" not in containers(stack)
    assert wait_for(lambda: {"app-1", "app-2", "app-3"} == met(stack))
    assert others == [stack.state(node) for node in stack.nodes()]
    assert "build a" in stack.logs(spare)


def test_a_replica_is_taken_away_and_another_comes(stack: Stack, replica: Node) -> None:
    """Nobody meets it while it is gone; then another container of its name answers."""
    fault, before = ScaleIn(named("app-2")), stack.state(replica)
    fault.undo(stack, replica)

    onset = fault.strike(stack, replica)
    gone, meanwhile = "app-2" not in containers(stack), wait_for(lambda: {"app-1", "app-3"} == met(stack))
    heal = fault.heal(stack, replica, before)

    assert onset.holds, onset.evidence
    assert gone
    assert meanwhile
    assert heal.holds, heal.evidence
    assert {"app-1", "app-2", "app-3"} == met(stack)
    assert before.identity != stack.state(replica).identity


def test_a_node_that_did_not_come_is_not_believed(stack: Stack, spare: Node) -> None:
    """An engine that claims to have added it, and a door that never answers from it, prove nothing."""
    onset = ScaleOut(one("spare")).strike(Idle(stack, "add"), spare)

    assert not onset.holds
    assert "app-4 was not harmed: it is absent" in onset.evidence


def test_a_node_that_nobody_meets_has_not_joined(stack: Stack, spare: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """Health alone is not enough: users come by the door."""
    monkeypatch.setattr("outlast.faults.scale_out.ANSWERS_S", 0.5)
    fault = ScaleOut(one("spare"), tells='"replica": "app-5"')
    before = stack.state(spare)

    onset = fault.strike(stack, spare)
    heal = fault.heal(stack, spare, before)

    assert not onset.holds
    assert 'no answer to /me holds "replica": "app-5"' in onset.evidence
    assert heal.holds, heal.evidence


def test_a_node_that_stayed_was_not_taken_away(stack: Stack, spare: Node, replica: Node) -> None:
    """Neither the harm of one fault nor the heal of the other is believed when the node is still there."""
    out, before = ScaleOut(one("spare")), stack.state(spare)
    out.strike(stack, spare)
    try:
        heal = out.heal(Idle(stack, "take_away"), spare, before)
        onset = ScaleIn(named("app-2")).strike(Idle(stack, "take_away"), replica)
    finally:
        real = out.heal(stack, spare, before)

    assert not heal.holds
    assert not onset.holds
    assert real.holds, real.evidence


def test_the_record_alone_takes_the_spare_away(stack: Stack, spare: Node) -> None:
    """Another process, which knows no container's id, removes it; what is not there needs no removal."""
    fault = ScaleOut(one("spare"))
    record = fault.undo(stack, spare)
    fault.strike(stack, spare)

    done = [residue.undo("compose", stack.run_id, spare.name, record.verb, {"identity": ""}) for _ in range(2)]

    assert ["app-4: remove", "app-4: nothing to undo"] == done
    assert "app-4" not in containers(stack)


@pytest.mark.local
def test_the_local_engine_says_that_it_cannot(tmp_path: Path) -> None:
    """By name, with the reason and the cure."""
    local = open_stack("local", "sticky-memory", new_run_id(), tmp_path)

    assert "to scale" in (local.unsupported(Power.SCALE) or "")
    assert ["app-1", "app-2", "app-3", "balancer"] == sorted(node.name for node in nodes_of(local))
    with pytest.raises(Unsupported, match="use --engine compose"):
        scaling(local)


def test_the_compose_engine_says_that_it_can(stack: Stack) -> None:
    """Its contract is the power's own."""
    assert isinstance(stack, ComposeStack)
    assert stack.unsupported(Power.SCALE) is None

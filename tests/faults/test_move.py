"""A replica at a new address: a balancer that asks again follows, one that asked once does not, and both are told."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.conftest import new_run_id
from tests.faults.small_stack import Idle, answer

from outlast.errors import EngineError
from outlast.faults.aim import named
from outlast.faults.move import Move
from outlast.stacks import residue
from outlast.stacks.engine import choose, open_stack
from outlast.stacks.stack import Node, Stack

pytestmark = [pytest.mark.compose, pytest.mark.slow]


@pytest.fixture(params=["sticky-memory", "sticky-memory+resolve-once"])
def stack(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stack]:
    """The lab with a balancer that follows its replicas' names, and with one that does not."""
    try:
        choose("compose")
    except EngineError as lacking:
        pytest.skip(str(lacking))
    made = open_stack("compose", request.param, new_run_id(), tmp_path / "move")
    try:
        made.start()
        yield made
    finally:
        made.remove()


def addresses(stack: Stack, node: Node) -> list[str]:
    """Where it is, as the docker command tells."""
    shown = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}"
    asked = ["docker", "inspect", stack.state(node).identity, "--format", shown]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()


def met(stack: Stack) -> set[str]:
    """Who answers at the door to somebody who comes for the first time, again and again."""
    return {str(json.loads(answer(stack.door(), "/me") or '{"replica": ""}')["replica"]) for _ in range(12)}


def test_the_address_is_another_and_the_door_follows_or_does_not(
    stack: Stack, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Health and identity prove the heal; whether users find the node again is said beside it."""
    monkeypatch.setattr("outlast.faults.move.FOLLOWS_S", 8.0)
    follows = "resolve-once" not in request.node.name
    node = next(one for one in stack.nodes() if one.name == "app-2")
    fault, before, old = Move(named("app-2")), stack.state(node), addresses(stack, node)
    mute = fault.strike(Idle(stack, "move"), node)

    onset = fault.strike(stack, node)
    heal = fault.heal(stack, node, before)

    assert not mute.holds
    assert onset.holds, onset.evidence
    assert not set(old) & set(addresses(stack, node))
    assert heal.holds, heal.evidence
    assert answer(stack.address(node), "/me") is not None
    assert ("the door follows" in heal.evidence) == follows
    assert ("app-2" in met(stack)) == follows
    containers = [one for one in residue.left("compose", stack.run_id) if one.startswith("container")]
    assert len(stack.nodes()) == len([one for one in containers if "helper" not in one])

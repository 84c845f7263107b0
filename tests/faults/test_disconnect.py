"""A disconnection takes name and address away; the node comes back under its names, wherever that is."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from tests.faults.harming import Idle, in_force, wait_for

from outlast.faults.aim import named
from outlast.faults.disconnect import Disconnect
from outlast.stacks import residue
from outlast.stacks.stack import Stack

pytestmark = pytest.mark.compose

HIM = named("app-1")


def names(stack: Stack, inside: Any) -> dict[str, Any]:
    """What Docker knows the node by, network by network."""
    found: dict[str, Any] = json.loads(stack.connections(inside.node("app-1"))["networks"])  # type: ignore[attr-defined]
    return found


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout.strip()


def test_it_is_gone_by_name_and_address_and_then_it_is_back(networked: Stack, inside: Any) -> None:
    """Its users and its neighbours lose it, and nobody knows its name; then all of them find it, by that name too."""
    before, address = names(networked, inside), networked.state(inside.node("app-1")).address

    with in_force(networked, inside, Disconnect(HIM)) as proofs:
        statuses = inside.status("app-1"), inside.status("app-2")
        answer = inside.connects("app-2", "app-1", 8000)
        at_its_address = inside.connects("app-2", str(address), 8000)
        interfaces = inside.run("app-1", "import socket; print([name for _, name in socket.if_nameindex()])")

    assert all(proof.holds for proof in proofs), proofs
    assert (None, 200) == statuses
    assert "gaierror" == answer
    assert "connected" != at_its_address
    assert "['lo']" == interfaces
    assert before == names(networked, inside)
    assert "app-1" in before.popitem()[1]["aliases"]
    assert "connected" == inside.connects("app-2", "app-1", 8000)
    assert "connected" == inside.connects("app-1", "store", 6379)
    assert wait_for(lambda: inside.status("app-1") == 200)


def test_another_address_is_told(networked: Stack, inside: Any) -> None:
    """Somebody else took the old one meanwhile: the node gets another, and the heal says which and which not."""
    node = inside.node("app-1")
    old = networked.state(node).address
    (network,) = names(networked, inside)
    image = networked.environment()["image"]
    squatters = []
    with in_force(networked, inside, Disconnect(HIM)) as proofs:
        # Docker decides who gets which address: soon one of them has the old one.
        for _ in range(5):
            squatters.append(docker("run", "-d", "--rm", "--network", network, image, "sleep", "60"))
            if str(old) in docker("inspect", squatters[-1]):
                break
    docker("rm", "-f", *squatters)

    assert all(proof.holds for proof in proofs), proofs
    assert old != networked.state(node).address
    assert f"its address was {old}, now {networked.state(node).address}" in proofs[1].evidence


def test_a_disconnection_that_did_not_happen_is_not_proven(networked: Stack, inside: Any) -> None:
    """Sabotage: Docker says yes and leaves it where it is."""

    class Asleep(Idle):
        def disconnect(self, node: Any) -> int:
            return 1

    onset = Disconnect(HIM).strike(Asleep(networked), inside.node("app-1"))  # type: ignore[arg-type]

    assert not onset.holds
    assert "it has" in onset.evidence
    assert "connected" == inside.connects("app-2", "app-1", 8000)


def test_a_heal_that_did_nothing_is_not_proven_and_the_record_alone_heals(
    networked: Stack, inside: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Still on no network: not healed. The run's id and the facts suffice to bring it back, twice too."""
    monkeypatch.setattr("outlast.faults.disconnect.AGAIN_S", 0.3)
    node, fault = inside.node("app-1"), Disconnect(HIM)
    before, record = networked.state(node), fault.undo(networked, node)
    onset = fault.strike(networked, node)

    idle = fault.heal(Idle(networked, "connect"), node, before)  # type: ignore[arg-type]
    for _ in range(2):
        residue.undo("compose", networked.run_id, node.name, record.verb, dict(record.facts))

    assert onset.holds, onset.evidence
    assert not idle.holds
    assert "on no network" in idle.evidence
    assert "connected" == inside.connects("app-2", "app-1", 8000)
    assert wait_for(lambda: inside.status("app-1") == 200)


def test_what_never_happened_is_undone_too(networked: Stack, inside: Any) -> None:
    """Recorded and not struck: the node stays as it is."""
    node, fault = inside.node("app-1"), Disconnect(HIM)
    before, record = networked.state(node), fault.undo(networked, node)

    residue.undo("compose", networked.run_id, node.name, record.verb, dict(record.facts))
    heal = fault.heal(networked, node, before)

    assert heal.holds, heal.evidence
    assert f"at its old address {before.address}" in heal.evidence

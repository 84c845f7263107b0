"""A partition cuts whom it says and nobody else, keeps addresses and names, and is always taken back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest
from tests.faults.harming import Idle, in_force, wait_for

from outlast.errors import Unsupported, UsageError
from outlast.faults.aim import every, named
from outlast.faults.partition import Partition
from outlast.stacks import residue
from outlast.stacks.powers import Ran
from outlast.stacks.stack import Stack

pytestmark = pytest.mark.compose

HIM = named("app-1")
STORE = every("store")


def test_a_replica_cut_off_from_its_store_cannot_ask_it_and_others_can(networked: Stack, inside: Any) -> None:
    """Its users get 503, the other replica's do not; addresses stay; then all is as before, and no rule is left."""
    node = inside.node("app-1")
    addresses = networked.addresses(node)  # type: ignore[attr-defined]
    called_ns = time.monotonic_ns()

    with in_force(networked, inside, Partition(HIM, away_from=STORE)) as proofs:
        returned_ns = time.monotonic_ns()
        his, others = inside.status("app-1"), inside.status("app-2")
        between_replicas = inside.connects("app-1", "app-2", 8000)
        to_store = inside.connects("app-1", "store", 6379)
        rules = inside.rules("app-1")
        addresses_meanwhile = networked.addresses(node)  # type: ignore[attr-defined]

    onset, heal = proofs
    assert onset.holds, onset.evidence
    assert onset.seen_ns is not None
    assert called_ns <= onset.seen_ns <= returned_ns
    assert (503, 200) == (his, others)
    assert "connected" == between_replicas
    assert "TimeoutError" == to_store
    assert f"outlast_{networked.run_id}_partition" in rules
    assert heal.holds, heal.evidence
    assert 200 == inside.status("app-1")
    assert "outlast" not in inside.rules("app-1")
    assert addresses == addresses_meanwhile == networked.addresses(node)  # type: ignore[attr-defined]


def test_refused_is_told_at_once(networked: Stack, inside: Any) -> None:
    """A connection, old or new, is reset, where a blackhole would let it wait."""
    with in_force(networked, inside, Partition(HIM, away_from=STORE, how="refuse")) as proofs:
        answers = [inside.connects("app-1", "store", 6379), inside.connects("store", "app-1", 8000)]
        status = inside.status("app-1")

    assert all(proof.holds for proof in proofs), proofs
    assert ["ConnectionRefusedError"] * 2 == answers
    assert 503 == status


@pytest.mark.parametrize(("direction", "out", "back"), [("to", False, True), ("from", True, False)])
def test_a_direction_is_of_who_opens_the_connection(
    networked: Stack, inside: Any, direction: Any, out: bool, back: bool
) -> None:
    """One side can open no connection and send no datagram to the other, which still can, and is answered."""
    with in_force(networked, inside, Partition(HIM, away_from=named("app-2"), direction=direction)) as proofs:
        connects = [inside.connects("app-1", "app-2", 8000), inside.connects("app-2", "app-1", 8000)]
        arrives = [inside.datagram_arrives("app-1", "app-2"), inside.datagram_arrives("app-2", "app-1")]
        statuses = [inside.status("app-1"), inside.status("app-2")]

    assert all(proof.holds for proof in proofs), proofs
    assert [out, back] == ["connected" == one for one in connects]
    assert [out, back] == arrives
    assert [200, 200] == statuses


@pytest.mark.parametrize(("direction", "out", "back"), [("to", False, True), ("from", True, False)])
def test_half_open_is_of_packets(networked: Stack, inside: Any, direction: Any, out: bool, back: bool) -> None:
    """Datagrams pass one way, and no connection can be opened either way, as its answers do not come back."""
    fault = Partition(HIM, away_from=named("app-2"), direction=direction, how="half-open")
    with in_force(networked, inside, fault) as proofs:
        connects = [inside.connects("app-1", "app-2", 8000), inside.connects("app-2", "app-1", 8000)]
        arrives = [inside.datagram_arrives("app-1", "app-2"), inside.datagram_arrives("app-2", "app-1")]

    assert all(proof.holds for proof in proofs), proofs
    assert ["TimeoutError", "TimeoutError"] == connects
    assert [out, back] == arrives


def test_from_everybody_but_its_own_name_service(networked: Stack, inside: Any) -> None:
    """Without peers nobody reaches it, a user at its port neither; names are still resolved, and it stays healthy."""
    with in_force(networked, inside, Partition(HIM)) as proofs:
        status = inside.status("app-1")
        resolved = inside.run("app-1", "import socket; print(socket.gethostbyname('store'))")
        alone = inside.connects("app-1", "127.0.0.1", 8000)
        others = inside.status("app-2")

    assert all(proof.holds for proof in proofs), proofs
    assert status is None
    assert resolved in networked.addresses(inside.node("store")).values()  # type: ignore[attr-defined]
    assert "connected" == alone
    assert 200 == others


def test_rules_that_do_nothing_are_not_proven(networked: Stack, inside: Any) -> None:
    """Sabotage: nft says yes and no rule is there; or the rules are there and let everybody pass."""
    node, fault = inside.node("app-1"), Partition(HIM, away_from=STORE)

    nothing = fault.strike(Idle(networked, "create table"), node)  # type: ignore[arg-type]
    statuses = [inside.status("app-1")]

    class Blunt(Idle):
        def in_network_of(self, node: Any, script: str, *, within_s: float = 10.0) -> Ran:
            return super().in_network_of(node, script.replace("counter drop", "counter accept"), within_s=within_s)

    before = networked.state(node)
    blunt = fault.strike(Blunt(networked), node)  # type: ignore[arg-type]
    statuses.append(inside.status("app-1"))
    fault.heal(networked, node, before)

    assert not nothing.holds
    assert "no rule is in force" in nothing.evidence
    assert not blunt.holds
    assert "connected" in blunt.evidence
    assert [200, 200] == statuses


def test_a_heal_that_did_nothing_is_not_proven(networked: Stack, inside: Any) -> None:
    """While the table is there nobody calls it healed."""
    node, fault = inside.node("app-1"), Partition(HIM, away_from=STORE)
    before = networked.state(node)
    fault.strike(networked, node)
    try:
        idle = fault.heal(Idle(networked, "network"), node, before)  # type: ignore[arg-type]
    finally:
        real = fault.heal(networked, node, before)

    assert not idle.holds
    assert "still there" in idle.evidence
    assert real.holds, real.evidence


def test_the_same_harm_twice_is_one_harm(networked: Stack, inside: Any) -> None:
    """The second finds the table there and is not proven; healing what never happened is fine."""
    node, fault = inside.node("app-1"), Partition(HIM, away_from=STORE)
    with in_force(networked, inside, fault):
        again = fault.strike(networked, node)

    assert not again.holds
    assert "File exists" in again.evidence
    assert fault.heal(networked, node, networked.state(node)).holds


def test_the_record_alone_takes_it_back(networked: Stack, inside: Any) -> None:
    """As guard and sweep do it: no stack, no shell, only the run's id and the facts; and a second time too."""
    node, fault = inside.node("app-1"), Partition(HIM, away_from=STORE)
    record = fault.undo(networked, node)
    onset = fault.strike(networked, node)
    status = inside.status("app-1")

    done = [residue.undo("compose", networked.run_id, node.name, record.verb, dict(record.facts)) for _ in range(2)]

    assert onset.holds
    assert 503 == status
    assert ["app-1: network"] * 2 == done
    assert "outlast" not in inside.rules("app-1")
    assert wait_for(lambda: inside.status("app-1") == 200)


def test_it_ends_by_itself_at_its_deadline(networked: Stack, inside: Any) -> None:
    """Though everything of ours were dead, the rules meet no packet after it; the heal says that it was so."""
    fault = Partition(HIM, away_from=STORE, deadline_s=6)
    with in_force(networked, inside, fault) as proofs:
        again = wait_for(lambda: inside.connects("app-1", "store", 6379) == "connected")
        rules = inside.rules("app-1")

    assert again
    assert "_partition" in rules
    assert all(proof.holds for proof in proofs), proofs
    assert "it had ended by itself" in proofs[1].evidence


DYING = """
    import os, signal, sys
    from outlast.faults.aim import every, named
    from outlast.faults.partition import Partition
    from outlast.stacks.compose.containers import Containers
    from outlast.stacks.compose.daemon import connect
    from outlast.stacks.compose.namespaces import Namespaces
    from outlast.stacks.owner import OWNER_LABEL, RUN_LABEL, Owner
    from outlast.stacks.stack import Node, Role

    run_id, image, table = sys.argv[1:4]
    client = connect()
    sight = Containers(client, f"{RUN_LABEL}={run_id}").look(Node("app-1", Role.REPLICA, "app-1"))
    spaces = Namespaces(client, {RUN_LABEL: run_id, OWNER_LABEL: str(Owner.this_process())}, lambda: image)
    assert spaces.run(sight, sys.stdin.read(), 10).code == 0
    print("struck", flush=True)
    signal.pause()
"""


def test_the_helper_takes_it_back_when_its_owner_is_killed(networked: Stack, inside: Any, tmp_path: Path) -> None:
    """Without guard or sweep: Docker tells the helper that nobody is there, and it undoes, ends and is removed."""
    fault = Partition(HIM, away_from=STORE)
    table = fault._table(networked, inside.node("app-1"))
    arguments = [networked.run_id, networked.environment()["image"], table.name]
    owner = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(DYING), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdin is not None
    assert owner.stdout is not None
    with owner:
        owner.stdin.write(table.strike())
        owner.stdin.close()
        assert "struck" == owner.stdout.readline().strip()
        meanwhile = inside.rules("app-1")
        os.kill(owner.pid, signal.SIGKILL)

    assert table.name in meanwhile
    assert wait_for(lambda: table.name not in inside.rules("app-1"))
    assert 200 == inside.status("app-1")


def test_a_node_that_is_down_is_not_cut_off(networked: Stack, inside: Any) -> None:
    """It has no network; that is said, and its heal proves it well again when it is."""
    node, fault = inside.node("app-1"), Partition(HIM, away_from=STORE)
    before = networked.state(node)
    networked.kill(node)
    try:
        onset = fault.strike(networked, node)
    finally:
        networked.start_node(node)
    heal = fault.heal(networked, node, before)

    assert not onset.holds
    assert "does not run" in onset.evidence
    assert heal.holds or "address changed" in heal.evidence


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"how": "half-open"}, "say direction"), ({"direction": "up"}, "not 'up'"), ({"how": "x"}, "not 'x'")],
)
def test_what_makes_no_sense_is_refused_at_birth(wrong: Any, told: str) -> None:
    """A sentence that says what to write instead."""
    with pytest.raises(UsageError, match=told):
        Partition(HIM, **wrong)


def test_an_engine_without_networks_says_so(tmp_path: Path) -> None:
    """The local engine's nodes share one network."""
    from outlast.stacks.engine import open_stack

    stack = open_stack("local", "sticky-memory", "no-network", tmp_path)

    assert "use --engine compose" in str(stack.unsupported(Partition.needs[0]))
    with pytest.raises(Unsupported):
        Partition(HIM).undo(stack, stack.nodes()[1])

"""A store that is full, and one that takes no writes: seen by a client, and taken back from the record alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import redis
from tests.faults.store.conftest import Unmoved

from outlast.faults.aim import named
from outlast.faults.fill_memory import PREFIX, FillMemory
from outlast.faults.read_only import ReadOnly
from outlast.stacks import residue
from outlast.stacks.stack import Node, Stack

HIM = named("store")
Deaf = Callable[[Stack, str, str], Stack]


def settings(client: Any) -> dict[str, str]:
    return {**client.config_get("maxmemory*"), **client.config_get("min-replicas-to-write")}


def test_a_full_store_evicts_sessions(standing: Stack, store: Node, client: Any) -> None:
    """Some of what was acknowledged is gone; afterwards nothing of ours is left and the settings are what they were."""
    fault, before, was = FillMemory(HIM), standing.state(store), settings(client)
    for number in range(1000):
        client.set(f"session:{number}", "ada")

    fault.undo(standing, store)
    onset = fault.strike(standing, store)
    left = len(list(client.scan_iter("session:*", count=1000)))
    heal = fault.heal(standing, store, before)

    assert onset.holds, onset.evidence
    assert left < 1000
    assert heal.holds, heal.evidence
    assert [] == list(client.scan_iter(f"{PREFIX}*", count=1000))
    assert was == settings(client)


def test_a_full_store_that_evicts_nothing_refuses_writes_and_keeps_sessions(
    standing: Stack, store: Node, client: Any
) -> None:
    """Who is logged in stays so; nobody new is."""
    fault, before = FillMemory(HIM, policy="noeviction"), standing.state(store)
    client.set("session:1", "ada")

    fault.undo(standing, store)
    onset = fault.strike(standing, store)
    with pytest.raises(redis.exceptions.OutOfMemoryError):
        client.set("session:2", "bob")
    kept = client.get("session:1")
    heal = fault.heal(standing, store, before)

    assert onset.holds, onset.evidence
    assert "ada" == kept
    assert heal.holds, heal.evidence
    assert client.set("session:2", "bob")


@pytest.mark.parametrize("own", ["noeviction", "volatile-lru"])
def test_a_full_store_does_of_its_own_what_it_was_told_to_do(
    standing: Stack, store: Node, client: Any, own: str
) -> None:
    """Without a policy of the fault's the store keeps its own: one that may evict nothing of this refuses."""
    fault, before = FillMemory(HIM, policy=None), standing.state(store)
    client.config_set("maxmemory-policy", own)
    client.set("session:1", "ada")

    fault.undo(standing, store)
    onset = fault.strike(standing, store)
    during = client.config_get("maxmemory-policy")
    heal = fault.heal(standing, store, before)

    assert onset.holds, onset.evidence
    assert heal.holds, heal.evidence
    assert {"maxmemory-policy": own} == during == client.config_get("maxmemory-policy")
    client.config_set("maxmemory-policy", "noeviction")


def test_a_read_only_store_tells_and_takes_nothing(standing: Stack, store: Node, client: Any) -> None:
    """And takes again when healed."""
    fault, before, was = ReadOnly(HIM), standing.state(store), settings(client)
    client.set("session:1", "ada")

    fault.undo(standing, store)
    onset = fault.strike(standing, store)
    with pytest.raises(redis.ResponseError, match="NOREPLICAS"):
        client.set("session:1", "bob")
    kept = client.get("session:1")
    heal = fault.heal(standing, store, before)

    assert onset.holds, onset.evidence
    assert "ada" == kept
    assert heal.holds, heal.evidence
    assert client.set("session:1", "bob")
    assert was == settings(client)


@pytest.mark.parametrize(
    ("fault", "word", "instead"),
    [(FillMemory(HIM), "'SET'", "'GET'"), (FillMemory(HIM), "maxmemory", "lfu-decay-time"), (ReadOnly(HIM), "99", "0")],
    ids=["nothing filled", "no limit", "no replicas wanted"],
)
def test_a_pressure_that_did_not_come_about_is_not_proven(
    standing: Stack, deaf: Deaf, store: Node, client: Any, fault: Any, word: str, instead: str
) -> None:
    """Every word was accepted, and no key was evicted, no write refused."""
    before = standing.state(store)
    fault.undo(standing, store)

    onset = fault.strike(deaf(standing, word, instead), store)
    heal = fault.heal(standing, store, before)

    assert not onset.holds
    assert heal.holds, heal.evidence


@pytest.mark.parametrize("fault", [FillMemory(HIM), ReadOnly(HIM)], ids=lambda fault: str(fault.name))
def test_what_is_not_taken_back_is_not_proven_healed_and_its_record_takes_it_back(
    standing: Stack, store: Node, client: Any, fault: Any
) -> None:
    """From the record alone, as the guard and the sweep do it."""
    before, was = standing.state(store), settings(client)
    record = fault.undo(standing, store)
    onset = fault.strike(standing, store)

    idle = fault.heal(Unmoved(standing), store, before)
    if standing.engine == "compose":
        facts = {**dict(record.facts), "identity": before.identity}
        residue.undo("compose", standing.run_id, record.node, record.verb, facts)
        taken_back = settings(client)
    else:
        taken_back = was  # there a dead owner's nodes are ended, not mended
    heal = fault.heal(standing, store, before)

    assert onset.holds, onset.evidence
    assert not idle.holds
    assert was == taken_back
    assert heal.holds, heal.evidence
    assert [] == list(client.scan_iter(f"{PREFIX}*", count=1000))

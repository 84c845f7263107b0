"""A flush is seen by who asks the store, and is believed only if something was there and nothing is left."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from outlast.errors import Unsupported
from outlast.faults.aim import named
from outlast.faults.flush import Flush
from outlast.stacks.stack import Node, Role, Stack

Deaf = Callable[[Stack, str, str], Stack]
FLUSH = Flush(named("store"))


def test_a_flushed_store_has_forgotten_and_serves_on(standing: Stack, store: Node, client: Any) -> None:
    """All databases are empty, and the same process takes new keys."""
    before = standing.state(store)
    client.set("session:1", "ada")
    client.hset("session:2", "user", "bob")
    client.connection_pool.reset()
    called_ns = time.monotonic_ns()

    onset = FLUSH.strike(standing, store)
    returned_ns = time.monotonic_ns()
    heal = FLUSH.heal(standing, store, before)

    assert onset.holds, onset.evidence
    assert "2 keys before the flush and 0 after" in onset.evidence
    assert onset.seen_ns is not None
    assert called_ns <= onset.seen_ns <= returned_ns
    assert (None, {}) == (client.get("session:1"), client.hgetall("session:2"))
    assert client.set("session:3", "eve")
    assert heal.holds, heal.evidence
    assert before.started == standing.state(store).started


def test_a_flush_that_flushed_nothing_is_not_proven(standing: Stack, deaf: Deaf, store: Node, client: Any) -> None:
    """A store that answers, and did not do it."""
    client.set("session:1", "ada")

    onset = FLUSH.strike(deaf(standing, "FLUSHALL", "PING"), store)

    assert not onset.holds
    assert onset.seen_ns is None
    assert "ada" == client.get("session:1")


def test_an_empty_store_cannot_be_flushed(standing: Stack, store: Node, client: Any) -> None:
    """Nothing was there to be lost."""
    onset = FLUSH.strike(standing, store)

    assert not onset.holds
    assert "nothing was lost" in onset.evidence


def test_a_store_that_refuses_is_not_flushed(standing: Stack, deaf: Deaf, store: Node, client: Any) -> None:
    """Its own words are the evidence."""
    client.set("session:1", "ada")

    onset = FLUSH.strike(deaf(standing, "FLUSHALL", "FLUSHNOTHING"), store)

    assert not onset.holds
    assert "nknown" in onset.evidence


@pytest.mark.parametrize("node", [Node("app-1", Role.REPLICA, "app-1")])
def test_a_node_that_is_no_store_is_refused_by_name(standing: Stack, node: Node) -> None:
    """Before anything is done to it."""
    with pytest.raises(Unsupported, match="app-1 has no kind"):
        FLUSH.undo(standing, node)

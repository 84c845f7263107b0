"""Replication lag between two real stores, made by freezing the copy."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import redis
from tests.compose.processes import Process, Programs, eventually
from tests.faults.scenes import REPLICAS, STORES, scene

from outlast.errors import UsageError
from outlast.faults.moment import Lookout
from outlast.faults.replication_lag import replication_lag_ms
from outlast.faults.scene import Scene
from outlast.stacks.stack import Address, Node, Role, Stack

pytestmark = pytest.mark.local


class Pair:
    """Two stores at their addresses, the second a copy of the first."""

    engine = "local"

    def __init__(self, programs: Programs) -> None:
        # Its pings are bytes to be copied too, and would come at any time.
        self.primary = programs.valkey("--save", "", "--repl-ping-replica-period", "3600")
        at = self.primary.address
        self.copy = programs.valkey("--save", "", "--replicaof", at.host, str(at.port))
        self.programs = programs
        self.processes = {"store-1": self.primary, "store-2": self.copy}
        self.client = redis.Redis(at.host, at.port)
        self.wait_copied()

    def address(self, node: Node) -> Address | None:
        at = self.processes[node.name].address
        return Address(at.host, at.port)

    def wait_copied(self) -> None:
        """Until both say the same offset: on a busy machine the copy lags by itself."""
        self.client.set("k", "v")
        assert self.client.wait(1, 20_000)
        copy = redis.Redis(self.copy.address.host, self.copy.address.port)
        eventually(
            lambda: (
                copy.info("replication")["slave_repl_offset"] == self.client.info("replication")["master_repl_offset"]
            ),
            "the copy has everything",
        )

    def scene(self, nodes: tuple[Node, ...] = (*STORES, *REPLICAS)) -> Scene:
        return scene(stack=cast(Stack, self), nodes=nodes, now_ns=time.monotonic_ns())


def _offset(client: redis.Redis, role: str) -> int:
    return int(client.info("replication")[f"{role}_repl_offset"])


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    programs = Programs(tmp_path)
    try:
        yield Pair(programs)
    finally:
        programs.end()


def come(lookout: Lookout, pair: Pair, looks: int) -> list[str | None]:
    return [lookout.come(pair.scene(), ()) for _ in range(looks)]


def frozen(process: Process) -> None:
    process.send(signal.SIGSTOP)


def test_a_copy_that_follows_does_not_lag(pair: Pair) -> None:
    """Also while nothing is written, and though the copy reports to the primary once a second only."""
    assert {None} == set(come(replication_lag_ms(0).lookout(), pair, 20))


def test_a_write_that_the_copy_lacks_is_a_lag_that_grows(pair: Pair) -> None:
    """Above 0: as soon as it lacks one; above 300 ms: only when that is so old, and the evidence says so."""
    any_lag, long_lag = replication_lag_ms(0).lookout(), replication_lag_ms(300).lookout()
    assert {None} == {*come(any_lag, pair, 3), *come(long_lag, pair, 3)}
    frozen(pair.copy)
    assert {None} == {*come(any_lag, pair, 1), *come(long_lag, pair, 1)}, "nothing was written since"
    before, written_ns = pair.scene(), time.monotonic_ns()
    assert any_lag.come(before, ()) is None
    pair.client.set("k", "later")
    after = pair.scene()
    told = any_lag.come(after, ())

    assert told is not None
    assert told.startswith("replication of store-1 lags by")
    assert float(told.split()[5]) <= (after.now_ns - before.now_ns) / 1e6 + 1, "it begins with the write, not before"
    while (told := long_lag.come(pair.scene(), ())) is None:
        assert time.monotonic_ns() - written_ns < 20e9
    assert time.monotonic_ns() - written_ns > 300e6, "no lag is older than the write that it lacks"
    pair.copy.send(signal.SIGCONT)
    pair.wait_copied()
    assert {None} == set(come(any_lag, pair, 3))


def test_the_primary_is_the_one_that_is_copied(pair: Pair) -> None:
    """Another that calls itself a master and has no copies (an old primary that came back) is none."""
    other = pair.programs.valkey("--save", "")
    pair.processes = {"store-1": other, "store-2": pair.primary, "store-3": pair.copy}
    nodes = (*STORES, Node("store-3", Role.STORE, "store-3"))
    lookout = replication_lag_ms(0).lookout()
    pair.copy.send(signal.SIGSTOP)
    told = []
    for _ in range(2):
        told.append(lookout.come(pair.scene(nodes), ()))
    pair.copy.send(signal.SIGCONT)
    pair.wait_copied()
    lookout.come(pair.scene(nodes), ())
    frozen(pair.copy)
    pair.client.set("k", "later")
    told.append(lookout.come(pair.scene(nodes), ()))

    assert [None, None] == told[:2]
    assert (told[2] or "").startswith("replication of store-2 lags by")


def test_a_store_without_copies_has_no_lag(pair: Pair) -> None:
    """So the event never comes, and the run says so."""
    frozen(pair.copy)

    assert {None} == set(come(replication_lag_ms(0).lookout(), pair, 3))


def test_a_lag_that_makes_no_sense_is_refused() -> None:
    """When the experiment is written."""
    with pytest.raises(UsageError, match="from 0 to an hour"):
        replication_lag_ms(-1)

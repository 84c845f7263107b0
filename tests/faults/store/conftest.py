"""What tests of store faults need: small stacks of stores alone, and a client that knows nothing of the harness."""

from __future__ import annotations

import os
import secrets
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from outlast.errors import EngineError
from outlast.faults.primary import await_settled
from outlast.stacks import lab, topology
from outlast.stacks.engine import choose
from outlast.stacks.stack import Node, Stack

ENGINES = [pytest.param("local", marks=pytest.mark.local), pytest.param("compose", marks=pytest.mark.compose)]
PATIENCE_S = 20.0

ONE_REDIS = """
x-outlast: {door: {service: store, port: 6379}}
services:
  store:
    image: "${OUTLAST_LAB_IMAGE:-outlast-lab:latest}"
    pull_policy: never
    restart: "no"
    stop_grace_period: 2s
    command: [redis-server, --bind, 0.0.0.0, --protected-mode, "no", --save, ""]
    healthcheck: {test: [CMD, redis-cli, ping], interval: 1s, timeout: 10s, retries: 5}
    x-outlast:
      role: store
      kind: redis
      port: 6379
      process:
        command: ["{valkey}", --bind, "{host:store}", --dir, "{data}", --save, ""]
        health: {tcp: true}
"""

GROUP = """
x-outlast: {door: {service: store-1, port: 6379}}
x-node: &node
  image: "${OUTLAST_LAB_IMAGE:-outlast-lab:latest}"
  pull_policy: never
  restart: "no"
  stop_grace_period: 2s
  dns_opt: ["ndots:1"]
  dns_search: ["."]
  ports: ["127.0.0.1::6379"]
services:
  store-1:
    <<: *node
    command: [redis-server, --bind, 0.0.0.0, --protected-mode, "no", --appendonly, "yes", --save, "",
              --repl-diskless-sync-delay, "0", --replica-announce-ip, store-1]
    healthcheck: {test: [CMD, redis-cli, ping], interval: 1s, timeout: 5s, retries: 5}
    x-outlast:
      role: store
      kind: redis
      port: 6379
      process:
        command: ["{valkey}", --bind, "{host:store-1}", --appendonly, "yes", --save, "",
                  --repl-diskless-sync-delay, "0", --replica-announce-ip, "{host:store-1}"]
        health: {tcp: true}
  store-2:
    <<: *node
    command: [redis-server, --bind, 0.0.0.0, --protected-mode, "no", --appendonly, "yes", --save, "",
              --repl-diskless-sync-delay, "0", --replica-announce-ip, store-2, --replicaof, store-1, "6379"]
    healthcheck: {test: [CMD-SHELL, "redis-cli info replication | grep -Eq 'role:master|master_link_status:up'"],
                  interval: 1s, timeout: 5s, retries: 5}
    depends_on: {store-1: {condition: service_healthy}}
    x-outlast:
      role: store
      kind: redis
      port: 6379
      process:
        command: ["{valkey}", --bind, "{host:store-2}", --appendonly, "yes", --save, "", --repl-diskless-sync-delay,
                  "0", --replica-announce-ip, "{host:store-2}", --replicaof, "{host:store-1}", "6379"]
        health: {tcp: true}
  sentinel:
    <<: *node
    ports: []
    command:
      - sh
      - -c
      - |
        cat > /data/sentinel.conf <<END
        protected-mode no
        sentinel resolve-hostnames yes
        sentinel announce-hostnames yes
        sentinel monitor lab store-1 6379 1
        sentinel down-after-milliseconds lab 1000
        sentinel failover-timeout lab 1000
        END
        exec redis-server /data/sentinel.conf --sentinel
    healthcheck: {test: [CMD, redis-cli, -e, -p, "26379", sentinel, ckquorum, lab], interval: 1s, timeout: 5s}
    depends_on: {store-1: {condition: service_healthy}, store-2: {condition: service_healthy}}
    x-outlast:
      role: other
      kind: sentinel
      port: 26379
      process:
        command:
          - sh
          - -c
          - |
            cat > sentinel.conf <<END
            bind {host:sentinel}
            port 26379
            sentinel monitor lab {host:store-1} 6379 1
            sentinel known-replica lab {host:store-2} 6379
            sentinel down-after-milliseconds lab 1000
            sentinel failover-timeout lab 1000
            END
            exec {valkey} sentinel.conf --sentinel
        health: {tcp: true}
"""


def usable(engine: str) -> str:
    """The engine's name, or a skip with the reason."""
    try:
        return choose(engine)[0]
    except EngineError as lacking:
        pytest.skip(str(lacking))


def started(engine: str, services: str, folder: Path) -> Stack:
    """A running stack of these Compose services; whoever starts it removes it."""
    run_id = f"test-{secrets.token_hex(4)}"
    file = folder / f"{run_id}.yaml"
    file.write_text(textwrap.dedent(services), encoding="utf-8")
    described = topology.read([file], os.environ)
    stack: Stack
    if engine == "compose":
        from outlast.stacks.compose.command import find
        from outlast.stacks.compose.stack import ComposeStack

        stack = ComposeStack(described, run_id, folder / run_id, compose=find(), lab=lab.folder(), tell=print)
    else:
        from outlast.stacks.local.stack import LocalStack

        stack = LocalStack(described, run_id, folder / run_id, lab=lab.folder())
    try:
        stack.start()
    except BaseException:
        stack.remove()
        raise
    return stack


@pytest.fixture(scope="session", params=ENGINES)
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One Redis that keeps nothing on disk; whoever harms it heals it."""
    stack = started(usable(request.param), ONE_REDIS, tmp_path_factory.mktemp("standing"))
    try:
        yield stack
    finally:
        stack.remove()


@pytest.fixture
def store(standing: Stack) -> Node:
    """That Redis."""
    return standing.nodes()[0]


@pytest.fixture
def client(standing: Stack) -> Iterator[Any]:
    """A Redis client of the test's own, at the published port; the store is empty when the test begins."""
    address = standing.door()
    with redis.Redis(host=address.host, port=address.port, decode_responses=True, socket_timeout=10) as made:
        made.flushall()
        yield made


@pytest.fixture(scope="session", params=ENGINES)
def group(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A primary, a replica and a Sentinel; whoever harms it heals it."""
    stack = started(usable(request.param), GROUP, tmp_path_factory.mktemp("group"))
    try:
        await_settled(stack, stack.nodes())
        yield stack
    finally:
        stack.remove()


@pytest.fixture
def ask(group: Stack) -> Iterator[Callable[[Node], Any]]:
    """Makes a client of the test's own for a node of the group, where it is now."""
    made: list[Any] = []

    def client_of(node: Node) -> Any:
        address = group.address(node)
        assert address is not None
        made.append(redis.Redis(host=address.host, port=address.port, decode_responses=True, socket_timeout=10))
        return made[-1]

    yield client_of
    for one in made:
        one.close()


class Said:
    """A stack whose store is told other words than the fault said: `change` makes them."""

    def __init__(self, stack: Stack, change: Callable[[tuple[str, ...]], tuple[str, ...]]) -> None:
        self._stack = stack
        self._change = change

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stack, name)

    def query(self, node: Node, *words: str, within_s: float = 10.0) -> str:
        told: str = self._stack.query(node, *self._change(words), within_s=within_s)  # type: ignore[attr-defined]
        return told

    def sayings(self, *said: Any) -> Any:
        return self._stack.sayings(*said)  # type: ignore[attr-defined]

    def undo(self, node: Node, verb: str, facts: Any) -> Any:
        return self._stack.undo(node, verb, facts)  # type: ignore[attr-defined]


class Unmoved:
    """A stack that undoes nothing."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stack, name)

    def query(self, node: Node, *words: str, within_s: float = 10.0) -> Any:
        return self._stack.query(node, *words, within_s=within_s)  # type: ignore[attr-defined]

    def sayings(self, *said: Any) -> Any:
        return self._stack.sayings(*said)  # type: ignore[attr-defined]

    def undo(self, node: Node, verb: str, facts: Any) -> str:
        return "nothing"


@pytest.fixture
def deaf() -> Callable[[Stack, str, str], Stack]:
    """Makes a stack whose stores hear one thing for another: `deaf(stack, "FLUSHALL", "PING")`."""

    def make(stack: Stack, word: str, instead: str) -> Stack:
        return Said(stack, lambda words: tuple(one.replace(word, instead) for one in words))  # type: ignore[return-value]

    return make


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it came true within the patience."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True

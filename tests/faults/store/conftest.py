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


@pytest.fixture
def deaf(standing: Stack) -> Callable[[str, str], Stack]:
    """Makes a stack that hears one thing for another: `deaf("FLUSHALL", "PING")`."""

    def make(word: str, instead: str) -> Stack:
        return Said(standing, lambda words: tuple(one.replace(word, instead) for one in words))  # type: ignore[return-value]

    return make


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it came true within the patience."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True

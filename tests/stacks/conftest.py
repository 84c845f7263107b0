"""What tests of engines need: the lab's stacks, small stacks of our own, and a client."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from outlast.errors import EngineError
from outlast.stacks import lab, topology
from outlast.stacks.engine import choose, open_stack
from outlast.stacks.stack import Address, Stack

ENGINES = [pytest.param("local", marks=pytest.mark.local), pytest.param("compose", marks=pytest.mark.compose)]
OpenSmall = Callable[[str, str], Stack]

SMALL = """
x-outlast: {door: {service: app-1, port: 8000}}
x-app: &app
  image: "${OUTLAST_LAB_IMAGE:-outlast-lab:latest}"
  command: [python3, -u, -m, http.server, "8000"]
  ports: ["127.0.0.1::8000"]
  stop_grace_period: 1s
  healthcheck: {test: [CMD, http-ok, "8000", /], interval: 1s, retries: 2}
"""


def new_run_id() -> str:
    """A run id that no other test has."""
    return f"test-{secrets.token_hex(4)}"


def usable(engine: str) -> str:
    """The engine's name, or a skip with the reason."""
    try:
        return choose(engine)[0]
    except EngineError as lacking:
        pytest.skip(str(lacking))


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine that works here."""
    return usable(request.param)


@pytest.fixture(scope="session")
def standing(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running stack of the lab, with a store; whoever harms it heals it."""
    stack = open_stack(engine, "redis-aof", new_run_id(), tmp_path_factory.mktemp("standing"))
    try:
        stack.start()
        yield stack
    finally:
        stack.remove()


@pytest.fixture
def small(engine: str, tmp_path: Path) -> Iterator[OpenSmall]:
    """Makes stacks from a piece of YAML under the common beginning; they are taken down after the test."""
    made: list[Stack] = []

    def make(services: str, run_id: str) -> Stack:
        file = tmp_path / f"{run_id}.yaml"
        file.write_text(SMALL + textwrap.dedent(services), encoding="utf-8")
        described = topology.read([file], os.environ)
        folder = tmp_path / run_id
        if engine == "compose":
            from outlast.stacks.compose.command import find
            from outlast.stacks.compose.stack import ComposeStack

            made.append(ComposeStack(described, run_id, folder, compose=find(), lab=lab.folder(), tell=print))
        else:
            from outlast.stacks.local.stack import LocalStack

            made.append(LocalStack(described, run_id, folder, lab=lab.folder()))
        return made[-1]

    yield make
    for stack in made:
        stack.remove()


@pytest.fixture
def ask() -> Callable[..., dict[str, object] | None]:
    """Asks the lab's app: method, path, body, cookie -> the answer with its cookie, or None when nobody answers."""

    def one(
        address: Address | None, method: str = "GET", path: str = "/me", body: str = "", cookie: str = ""
    ) -> dict[str, object] | None:
        if address is None:
            return None
        connection = http.client.HTTPConnection(address.host, address.port, timeout=1)
        try:
            connection.request(method, path, body=body, headers={"Cookie": cookie} if cookie else {})
            answer = connection.getresponse()
            found: dict[str, object] = json.loads(answer.read())
            return {**found, "status": answer.status, "cookie": (answer.getheader("Set-Cookie") or "").split(";")[0]}
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()

    return one

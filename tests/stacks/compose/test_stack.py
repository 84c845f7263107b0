"""What only the compose engine can get wrong: ports, foreign containers, mechanisms that do nothing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from outlast.errors import StackError
from outlast.faults.aim import named
from outlast.faults.kill import Kill
from outlast.faults.pause import Pause

pytestmark = [pytest.mark.compose, pytest.mark.parametrize("engine", ["compose"], indirect=True, scope="session")]


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout.strip()


def test_a_port_in_use_is_one_sentence(small: Any) -> None:
    """It names the port, and says what to do."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        stack = small(
            f"""
            services:
              app-1:
                <<: *app
                ports: ["127.0.0.1:{port}:8000"]
                x-outlast: {{role: replica, port: 8000}}
            """,
            "port-in-use",
        )
        with pytest.raises(StackError) as told:
            stack.start()

    assert f"The stack cannot start: 127.0.0.1:{port} is already in use" in str(told.value)
    assert 1 == len(str(told.value).splitlines())


@pytest.mark.parametrize(("fault", "verb"), [(Kill, "kill"), (Pause, "pause")])
def test_a_daemon_that_says_yes_and_does_nothing_is_seen_through(
    standing: Any, fault: Any, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No event, no other state: the harm is not proven, and the error says what was waited for."""
    monkeypatch.setattr("outlast.stacks.compose.strike.GONE_S", 0.3)
    monkeypatch.setattr(standing._client.api, verb, lambda *_: None)

    proof = fault(named("app-3")).strike(standing, standing.nodes()[3])

    assert not proof.holds
    assert "did not take effect" in proof.evidence


def test_a_broken_event_stream_does_not_hide_the_harm(standing: Any) -> None:
    """Then the daemon's own look at the container tells, and when it ended."""
    node = standing.nodes()[3]
    before = standing.state(node)
    standing._watch.close()
    try:
        proof = Kill(named("app-3")).strike(standing, node)
    finally:
        heal = Kill(named("app-3")).heal(standing, node, before)
        standing._watch = type(standing._watch)(f"outlast.run={standing.run_id}")

    assert proof.holds
    assert proof.seen_ns is not None
    assert heal.holds


CRASH = """
    import sys
    from pathlib import Path
    from outlast.faults.aim import named
    from outlast.faults.crash import Crash
    from outlast.stacks import lab, topology
    from outlast.stacks.compose.command import find
    from outlast.stacks.compose.stack import ComposeStack

    folder = Path(sys.argv[1])
    described = topology.read([folder / "small.yaml"], {})
    stack = ComposeStack(described, "powerless", folder, compose=find(), lab=lab.folder(), tell=print)
    try:
        stack.start()
        (node,) = stack.nodes()
        assert stack._host._helper is not None
        print(Crash(named("app-1")).strike(stack, node))
    finally:
        stack.remove()
"""


def test_a_crash_needs_no_root(engine: str, tmp_path: Path) -> None:
    """Without power over the host's processes a helper container does it."""
    (tmp_path / "small.yaml").write_text(
        textwrap.dedent(
            """
            x-outlast: {door: {service: app-1, port: 8000}}
            services:
              app-1:
                image: "${OUTLAST_LAB_IMAGE:-outlast-lab:latest}"
                command: [sleep, "60"]
                x-outlast: {role: replica}
            """
        )
    )
    # A user namespace of its own: a user id that is not 0, no capabilities, and still the right to Docker's socket.
    powerless = ["unshare", "--user"] if os.geteuid() == 0 else []
    asked = [*powerless, sys.executable, "-c", textwrap.dedent(CRASH), str(tmp_path)]
    printed = subprocess.run(asked, capture_output=True, text=True, check=False)

    assert "Proof(holds=True, evidence='app-1 is exited with code 137" in printed.stdout, printed.stderr
    assert "" == docker("ps", "-aq", "--filter", "label=outlast.run=powerless")

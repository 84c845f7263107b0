"""Scripts in a node's network: on any stack, after any restart, never in a network that is somebody else's."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from outlast.errors import StackError, Unsupported
from outlast.stacks import topology
from outlast.stacks.stack import Power

pytestmark = [pytest.mark.compose, pytest.mark.parametrize("engine", ["compose"], indirect=True, scope="session")]

ALONE = """
    services:
      app-1:
        <<: *app
        x-outlast: {role: replica, port: 8000}
    """
SHARED = """
      app-2:
        <<: *app
        ports: []
        network_mode: "service:app-1"
        command: [sleep, "600"]
        healthcheck: {disable: true}
        depends_on: [app-1]
        x-outlast: {role: replica}
    """


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout.strip()


def test_a_started_anew_node_has_a_new_network_and_so_has_its_shell(small: Any) -> None:
    """What was done to the old network went with it; scripts after the restart meet the new one."""
    stack = small(ALONE, "netns-restart")
    stack.start()
    (node,) = stack.nodes()

    made = stack.in_network_of(node, "nft add table inet mine; nft list tables")
    stack.kill(node)
    with pytest.raises(StackError, match="does not run"):
        stack.in_network_of(node, ":")
    stack.start_node(node)
    after = stack.in_network_of(node, "nft list tables; ip -br link")

    assert "table inet mine" in made.output
    assert "mine" not in after.output
    assert "eth0" in after.output


def test_a_script_that_fails_or_hangs_is_told_and_the_next_one_runs(small: Any) -> None:
    """Exit codes and both streams come back; one that hangs costs its shell, not the node's network."""
    stack = small(ALONE, "netns-fail")
    stack.start()
    (node,) = stack.nodes()

    failed = stack.in_network_of(node, "echo out; echo err >&2; exit 7")
    torn = stack.in_network_of(node, "echo 'no end")
    with pytest.raises(StackError, match="did not end within"):
        stack.in_network_of(node, "sleep 60", within_s=0.5)
    after = stack.in_network_of(node, "echo well")

    assert (7, ["err", "out"]) == (failed.code, sorted(failed.output.split()))
    assert torn.code != 0
    assert (0, "well\n") == (after.code, after.output)


def test_a_shared_network_is_refused_by_name(small: Any) -> None:
    """A harm there would strike whoever it belongs to."""
    stack = small(ALONE + SHARED, "netns-shared")
    stack.start()

    with pytest.raises(Unsupported, match="network is not its own"):
        stack.prepare_network(stack.nodes()[1])
    stack.prepare_network(stack.nodes()[0])


def test_a_stack_of_ones_own_gets_helpers_too_and_all_go_with_it(engine: str, tmp_path: Path) -> None:
    """The lab's image is obtained for them alone; they share the network alone and bear the run's mark."""
    from outlast.stacks.compose.command import find
    from outlast.stacks.compose.stack import ComposeStack

    file = tmp_path / "own.yaml"
    file.write_text(
        "x-outlast: {door: {service: app-1, port: 8000}}\n"
        "services:\n"
        "  app-1:\n"
        f"    image: {_some_image()}\n"
        '    command: [sleep, "600"]\n'
        "    stop_grace_period: 1s\n"
        "    x-outlast: {role: replica}\n"
    )
    described = topology.read([file], os.environ)
    stack = ComposeStack(described, "netns-own", tmp_path, compose=find(), lab=None, tell=print)
    try:
        unsupported = stack.unsupported(Power.NETWORK)
        stack.start()
        (node,) = stack.nodes()
        stack.prepare_network(node)
        ran = stack.in_network_of(node, "nft list tables && tc qdisc show && whoami; ls /proc | grep -c '^[0-9]'")
        ours = docker("ps", "-q", "--filter", "label=outlast.run=netns-own").split()
        (helper,) = [one for one in ours if not docker("inspect", "-f", "{{.Name}}", one).startswith("/outlast-")]
        power = docker("inspect", "-f", "{{.HostConfig.CapDrop}} {{.HostConfig.CapAdd}}", helper)
    finally:
        stack.remove()

    assert unsupported is None
    assert ran.code == 0
    assert "qdisc" in ran.output
    assert "[ALL] [NET_ADMIN]" == power.replace("CAP_", "")
    assert "" == docker("ps", "-aq", "--filter", "label=outlast.run=netns-own")


def _some_image() -> str:
    from outlast.stacks.compose import kernel

    image = kernel.lab_image()
    assert image is not None
    return image

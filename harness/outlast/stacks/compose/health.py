"""Waiting until containers are healthy, and the words for why they are not."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from outlast.errors import StackError
from outlast.stacks.compose.command import tail
from outlast.stacks.compose.containers import Containers
from outlast.stacks.stack import Node, NodeState, Status
from outlast.stacks.topology import Topology

LOOK_S = 0.03
LOG_LINES = 15


def wait_healthy(containers: Containers, node: Node, within_s: float) -> None:
    """Return when it runs and its health check, if any, passes; `StackError` with its last lines when it will not."""
    deadline = time.monotonic() + within_s
    while True:
        sight = containers.look(node)
        state = sight.state if sight else NodeState(status=Status.ABSENT)
        if state.status is Status.RUNNING and state.healthy is not False:
            return
        ended = state.status in (Status.EXITED, Status.ABSENT)
        if ended or time.monotonic() > deadline:
            raise StackError(f"{_trouble(node, state)}\n{_last_lines(containers, node)}")
        time.sleep(LOOK_S)


def wait_until(condition: Callable[[], bool], otherwise: str, within_s: float) -> None:
    """Return when it has come true; `StackError` with that sentence when it does not."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise StackError(otherwise)
        time.sleep(LOOK_S)


def why_not_up(refusal: str, topology: Topology, containers: Containers) -> str:
    """One sentence about what kept the stack down, and the last lines of the nodes that did not come up."""
    port = re.search(r"(?:Bind for|listen tcp\w*) ([\d.:\[\]]+\d)\S*.*(?:already allocated|already in use)", refusal)
    if port:
        return f"The stack cannot start: {port[1]} is already in use on this machine; free that port and try again."
    troubles = []
    for service in topology.services:
        sight = containers.look(service.node)
        if sight is None or (sight.state.status is Status.RUNNING and sight.state.healthy is not False):
            continue
        troubles.append(f"{_trouble(service.node, sight.state)}\n{_last_lines(containers, service.node)}")
    if not troubles:
        return f"The stack did not start. Compose said:\n{refusal}"
    return "The stack did not become healthy. " + "\n".join(troubles)


def _trouble(node: Node, state: NodeState) -> str:
    if state.status is Status.RUNNING:
        return f"{node.name} runs but its health check does not pass. Its last lines:"
    code = "" if state.exit_code is None else f" with exit code {state.exit_code}"
    return f"{node.name} is {state.status}{code}. Its last lines:"


def _last_lines(containers: Containers, node: Node) -> str:
    container = containers.find(node)
    return tail(containers.printed(container, LOG_LINES), LOG_LINES) if container else ""

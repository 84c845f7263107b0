"""What takes a harm back, verb by verb, from the undo log's record alone: run by heal, guard and sweep alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

import docker
import docker.errors

from outlast.errors import StackError
from outlast.stacks.compose import connecting, executing, network_undo, untoxing
from outlast.stacks.compose.daemon import refusals

Facts = Mapping[str, str]
Verb = Callable[[docker.DockerClient, str, Facts], None]


def undo(client: docker.DockerClient, container: str | None, node: str, verb: str, facts: Facts) -> str:
    """Take one harm back; returns what was done in a few words. Waits for nobody's health.

    `container` is the node's, None when it has none. `StackError` when the daemon or the command refuses.
    """
    act = VERBS.get(verb)
    if container is None or act is None:
        return f"{node}: nothing to undo"
    with refusals(f"undo what was done to {node}"):
        try:
            act(client, container, facts)
        except docker.errors.NotFound:
            return f"{node}: its container is gone"
    return f"{node}: {verb}"


def _start(client: docker.DockerClient, container: str, facts: Facts) -> None:
    _resume(client, container, facts)
    client.api.start(container)


def _resume(client: docker.DockerClient, container: str, facts: Facts) -> None:
    if client.api.inspect_container(container)["State"]["Paused"]:
        client.api.unpause(container)


def _execute(client: docker.DockerClient, container: str, facts: Facts) -> None:
    """`command`: a JSON list; `user`: as whom. In a container that does not run there is nothing to take back."""
    if not client.api.inspect_container(container)["State"]["Running"]:
        return
    command = json.loads(facts["command"])
    ran = executing.execute(client, container, command, user=facts.get("user", ""))
    if ran.code != 0:
        raise StackError(f"{' '.join(command)} ended with code {ran.code}: {ran.output.strip()[-300:]}")


VERBS: Mapping[str, Verb] = MappingProxyType(
    {
        "start": _start,
        "resume": _resume,
        "execute": _execute,
        "network": network_undo.undo,
        "connect": connecting.connect,
        "toxic": untoxing.undo,
    }
)
"""Verb of an undo record -> what it does to the container."""

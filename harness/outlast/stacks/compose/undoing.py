"""What takes a harm back, verb by verb, from the undo log's record alone: run by heal, guard and sweep alike."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType

import docker
import docker.errors

from outlast.errors import StackError
from outlast.stacks.compose import beside, connecting, executing, limiting, network_undo, querying, untoxing
from outlast.stacks.compose.bringing_up import bring_up
from outlast.stacks.compose.daemon import refusals
from outlast.stacks.compose.marks import PROJECT_LABEL, SERVICE_LABEL

Facts = Mapping[str, str]
GONE_S = 5
Verb = Callable[[docker.DockerClient, str, Facts], None]


def undo(client: docker.DockerClient, container: str | None, node: str, verb: str, facts: Facts) -> str:
    """Take one harm back; returns what was done in a few words. Waits for nobody's health.

    `container` is the node's, None when it has none. `StackError` when the daemon or the command refuses.
    """
    if verb == "up":  # the one verb that needs no container: it makes one
        bring_up(client, facts)
        return f"{node}: up"
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
    if _told_to_stop(client, container, facts):
        # Its owner died while it was still saying goodbye: to the daemon it runs, and starting it would do nothing.
        with contextlib.suppress(docker.errors.APIError):  # it may be gone in this very moment
            client.api.kill(container)
        client.api.wait(container, timeout=GONE_S)
    client.api.start(container)
    state = client.api.inspect_container(container)["State"]
    if not state["Running"]:
        raise StackError(f"it was started and ended at once with exit code {state['ExitCode']}")


def _told_to_stop(client: docker.DockerClient, container: str, facts: Facts) -> bool:
    """Whether it still is the start that was harmed, and the daemon has sent it a signal since."""
    state = client.api.inspect_container(container)["State"]
    if not state["Running"] or state["StartedAt"] != facts.get("started") or "recorded_s" not in facts:
        return False
    chosen = {"container": container, "event": "kill"}
    since = int(facts["recorded_s"]) - 1
    # Until the next second: what was under way when its owner died is told too.
    return bool(list(client.api.events(since=since, until=int(time.time()) + 1, filters=chosen, decode=True)))


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


def _say(client: docker.DockerClient, container: str, facts: Facts) -> None:
    """`say`: what to say to which nodes of the project (querying.py). Who does not run has nothing to take back."""
    project = client.api.inspect_container(container)["Config"]["Labels"].get(PROJECT_LABEL, "")
    for node, command, user in json.loads(facts["say"]):
        chosen = {"label": [f"{PROJECT_LABEL}={project}", f"{SERVICE_LABEL}={node}"], "status": "running"}
        for found in client.api.containers(filters=chosen):
            querying.say(client, str(found["Id"]), node, command, user)


def _say_and_start(client: docker.DockerClient, container: str, facts: Facts) -> None:
    _say(client, container, facts)
    _start(client, container, facts)


def _relax_and_start(client: docker.DockerClient, container: str, facts: Facts) -> None:
    _relax(client, container, facts)
    _start(client, container, facts)


def _relax(client: docker.DockerClient, container: str, facts: Facts) -> None:
    """`memory`, `memory_swap`, `cpu_quota`, `cpu_period`, `nano_cpus`: what they were, 0 for none."""
    limiting.restore(client, container, facts)


def _remove_and_start(client: docker.DockerClient, container: str, facts: Facts) -> None:
    """`path`: a file that we made on one of its volumes; it may be what keeps it from starting."""
    _resume(client, container, facts)
    remove = ["rm", "-f", facts["path"]]
    try:
        executing.execute(client, container, remove)
    except StackError:  # it does not run, or has just ended over the very file
        beside.run(client, client.api.inspect_container(container), remove)
    _start(client, container, facts)


def _remove(client: docker.DockerClient, container: str, facts: Facts) -> None:
    client.api.remove_container(container, force=True, v=True)


VERBS: Mapping[str, Verb] = MappingProxyType(
    {
        "start": _start,
        "resume": _resume,
        "execute": _execute,
        "say": _say,
        "say_and_start": _say_and_start,
        "remove": _remove,
        "remove_and_start": _remove_and_start,
        "relax": _relax,
        "relax_and_start": _relax_and_start,
        "network": network_undo.undo,
        "connect": connecting.connect,
        "toxic": untoxing.undo,
    }
)
"""Verb of an undo record -> what it does to the container."""

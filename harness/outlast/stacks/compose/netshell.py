"""A shell in a container's network namespace, inside a helper container that shares nothing else with it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

import docker
import docker.errors
import requests

from outlast.errors import StackError, Unsupported
from outlast.stacks.compose.daemon import refusals
from outlast.stacks.compose.heldshell import HeldShell
from outlast.stacks.powers import Ran

UNDO = "/run/undo"
"""A folder of the helper: when nobody holds the shell any more, the scripts in it are run."""
# The shell reads from its owner until the owner is gone, by whatever death; then the helper takes back and ends.
MAIN = f'mkdir -p {UNDO}; sh; for one in {UNDO}/*; do [ -f "$one" ] && sh "$one"; done; exit 0'
READY_S = 20.0
SHARED = ("host", "container:", "none")


class NetShell:
    """Holds the helper's standard input: what is written there runs at once, without Docker's 50 ms for an exec.

    When the holder dies, Docker closes that input; then the helper undoes what was left in `UNDO`, ends and is removed.
    """

    def __init__(self, client: docker.DockerClient, container: str, image: str, labels: Mapping[str, str]) -> None:
        """Make it, about half a second. `Unsupported` for a network that is not the container's own."""
        api = client.api
        with refusals("make a helper container in a node's network"):
            must_be_its_own(client, container)
            helper = _create(client, container, image, labels, ["sh", "-c", MAIN], held=True)
            try:
                attachment = api.attach_socket(helper, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
                self._shell = HeldShell(attachment, "the helper container in the node's network")
                api.start(helper)
            except BaseException:
                _remove(client, helper)
                raise
        self._shell.run(":", READY_S)

    def run(self, script: str, within_s: float) -> Ran:
        """Run it to its end: what it costs itself and a millisecond or two. `StackError` when it does not end."""
        return self._shell.run(script, within_s)

    def close(self) -> None:
        """Let go: the helper ends and Docker removes it; idempotent."""
        self._shell.close()


def once(
    client: docker.DockerClient,
    container: str,
    image: str,
    labels: Mapping[str, str],
    script: str,
    within_s: int = 20,
) -> Ran:
    """Run one script there in a helper of its own, which is removed at once; about half a second."""
    with refusals("run a script in a node's network"):
        must_be_its_own(client, container)
        helper = _create(client, container, image, labels, ["sh", "-c", f"mkdir -p {UNDO}\n{script}"])
        try:
            client.api.start(helper)
            try:
                code = int(client.api.wait(helper, timeout=within_s)["StatusCode"])
            except (requests.Timeout, requests.ConnectionError) as error:
                raise StackError(f"A script in the node's network did not end within {within_s} s.") from error
            return Ran(code, client.api.logs(helper).decode(errors="replace"))
        finally:
            _remove(client, helper)


def must_be_its_own(client: docker.DockerClient, container: str) -> None:
    """`Unsupported` where the container lives in somebody else's network: a harm would strike more than the node."""
    mode = str(client.api.inspect_container(container)["HostConfig"].get("NetworkMode", ""))
    if mode.startswith(SHARED):
        raise Unsupported(f"Its network is not its own (network_mode: {mode}), so it cannot be harmed apart.")


def _create(
    client: docker.DockerClient,
    container: str,
    image: str,
    labels: Mapping[str, str],
    command: list[str],
    *,
    held: bool = False,
) -> str:
    api = client.api
    host = api.create_host_config(
        network_mode=f"container:{container}",
        read_only=True,
        tmpfs={"/run": "size=1m"},
        cap_drop=["ALL"],
        cap_add=["NET_ADMIN"],
        security_opt=["no-new-privileges"],
        auto_remove=held,
    )
    made = api.create_container(
        image,
        entrypoint=command[:1],
        command=command[1:],
        user="0",
        labels=dict(labels),
        host_config=host,
        stdin_open=held,
    )
    return str(made["Id"])


def _remove(client: docker.DockerClient, helper: str) -> None:
    with contextlib.suppress(docker.errors.APIError):
        client.api.remove_container(helper, force=True)

"""A shell in a container's network namespace, inside a helper container that shares nothing else with it."""

from __future__ import annotations

import contextlib
import queue
import secrets
import shlex
import threading
import time
from collections.abc import Mapping
from typing import Any

import docker
import docker.errors
import requests
from docker.utils import socket as frames

from outlast.errors import StackError, Unsupported
from outlast.stacks.compose.daemon import refusals
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
        self._api = client.api
        self._lock = threading.Lock()
        with refusals("make a helper container in a node's network"):
            must_be_its_own(client, container)
            self._helper = _create(client, container, image, labels, ["sh", "-c", MAIN], held=True)
            try:
                self._socket = self._api.attach_socket(
                    self._helper, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
                )
                self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
                self._reader = threading.Thread(target=self._read, name="outlast-netshell", daemon=True)
                self._reader.start()
                self._api.start(self._helper)
            except BaseException:
                _remove(client, self._helper)
                raise
        self.run(":", READY_S)

    def run(self, script: str, within_s: float) -> Ran:
        """Run it to its end: what it costs itself and a millisecond or two. `StackError` when it does not end."""
        with self._lock:
            return self._run(script, within_s)

    def close(self) -> None:
        """Let go: the helper ends and Docker removes it; idempotent."""
        raw = getattr(self._socket, "_sock", self._socket)
        with contextlib.suppress(OSError):
            raw.shutdown(2)
        self._reader.join(timeout=5)
        with contextlib.suppress(OSError, ValueError, AttributeError):
            self._socket._response.close()
        self._socket.close()
        raw.close()

    def _run(self, script: str, within_s: float) -> Ran:
        mark = f"--{secrets.token_hex(8)}--"
        # Not `sh -c`: under load each program started costs some milliseconds of a strike.
        line = f"(eval {shlex.quote(script)}) </dev/null 2>&1; printf '\\n{mark}%d\\n' $?\n"
        try:
            _send(self._socket, line.encode())
        except OSError as error:
            raise StackError(f"The helper container in the node's network is gone: {error}.") from error
        printed = b""
        deadline = time.monotonic() + within_s
        while True:
            try:
                part = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise StackError(f"A script in the node's network did not end within {within_s:g} s.") from None
            if part is None:
                raise StackError("The helper container in the node's network ended before its script did.")
            printed += part
            output, found, code = printed.partition(f"\n{mark}".encode())
            if found and code.endswith(b"\n"):
                return Ran(int(code), output.decode(errors="replace"))

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError, frames.SocketError):
            for _, part in frames.frames_iter(self._socket, tty=False):  # type: ignore[no-untyped-call]  # docker's own
                self._lines.put(part)
        self._lines.put(None)


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


def _send(sock: Any, data: bytes) -> None:
    raw = getattr(sock, "_sock", sock)
    raw.sendall(data)

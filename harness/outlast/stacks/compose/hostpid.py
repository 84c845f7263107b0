"""SIGKILL of a container's main process from the host's pids, so that its restart policy takes it for a crash."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import docker

from outlast.errors import OutlastError, StackError, Unsupported
from outlast.stacks import proc
from outlast.stacks.compose.daemon import on_this_machine, refusals

# The process must be the container's own: a pid of another machine or namespace means somebody else here.
SCRIPT = 'grep -q "$1" "/proc/$2/cgroup" && kill -KILL "$2"'


class HostPid:
    """The way to the host's pids: our own, when we are root beside the daemon, else a helper container's.

    A signal from inside a container is ignored by its pid 1, and `docker kill` counts as the user's own wish.
    """

    def __init__(self, client: docker.DockerClient) -> None:
        self._client = client
        self._helper: str | None = None
        self.unsupported: str | None = None
        """Why no way was found; None when there is one."""

    def prepare(self, image: str, labels: dict[str, str], name: str) -> None:
        """Make the helper container ready if it will be needed, about 0.5 s; a refusal is kept in `unsupported`.

        Without an image to make it from (a user's own stack) it cannot be made.
        """
        if os.geteuid() == 0 and on_this_machine() and _daemon_visible():
            return
        if not image:
            self.unsupported = "Only root on Docker's own machine can crash a container of a stack of one's own."
            return
        api = self._client.api
        try:
            with refusals("make the helper container that sees the host's processes"):
                made = api.create_container(
                    image,
                    name=name,
                    entrypoint=["sleep", "infinity"],
                    labels=labels,
                    network_disabled=True,
                    stop_signal="SIGKILL",
                    host_config=api.create_host_config(
                        pid_mode="host", userns_mode="host", read_only=True, cap_drop=["ALL"], cap_add=["KILL"]
                    ),
                )
                api.start(made["Id"])
                self._helper = str(made["Id"])
        except OutlastError as error:
            self.unsupported = f"{error} Without it only root on Docker's own machine can crash a container."

    def kill(self, container: str, pid: int) -> None:
        """SIGKILL that process if it is truly the container's; at once, or in 0.1 s through the helper."""
        if self.unsupported is not None:
            raise Unsupported(self.unsupported)
        if self._helper is None:
            if not belongs(container, pid):
                raise StackError(f"Process {pid} is not seen to be container {container[:12]}'s; it was left alone.")
            os.kill(pid, signal.SIGKILL)
            return
        with refusals("kill a process from the helper container"):
            made = self._client.api.exec_create(self._helper, ["sh", "-c", SCRIPT, "sh", container, str(pid)], user="0")
            printed = self._client.api.exec_start(made["Id"])
            code = self._client.api.exec_inspect(made["Id"])["ExitCode"]
        if code != 0:
            said = printed.decode(errors="replace").strip() or "it is not the container's process"
            raise StackError(f"The helper container did not kill process {pid}: {said}.")


def _daemon_visible() -> bool:
    return any(_name(pid) == "dockerd" for pid in proc.everyone())


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def belongs(container: str, pid: int) -> bool:
    try:
        return container in Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8")
    except OSError:
        return False

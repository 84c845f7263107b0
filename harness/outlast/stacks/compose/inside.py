"""Shells inside a stack's containers, opened before they are needed: a command there then costs milliseconds."""

from __future__ import annotations

import contextlib
import shlex
import threading
from collections.abc import Mapping, Sequence

import docker

from outlast.errors import OutlastError
from outlast.stacks.compose.containers import Sight
from outlast.stacks.compose.daemon import refusals
from outlast.stacks.compose.heldshell import HeldShell
from outlast.stacks.powers import Ran
from outlast.stacks.stack import Status

OPEN_S = 10.0
Key = tuple[str, str, str]


class Inside:
    """By container, start and user: a container that was started anew has lost the shell that was in it.

    A shell is there for speed alone: where none can be opened, or it is taken, `docker exec` does the same in 60 ms.
    """

    def __init__(self, client: docker.DockerClient, environment: Mapping[str, str]) -> None:
        """`environment` marks the shells, so that they are known for whose they are."""
        self._client = client
        self._environment = dict(environment)
        self._shells: dict[Key, HeldShell] = {}
        self._lock = threading.Lock()

    def open(self, sight: Sight, user: str) -> None:
        """Open one if none stands, some 60 ms; nothing where it cannot be, as in an image without `sh`."""
        key = _key(sight, user)
        with self._lock:
            for stale in [known for known in self._shells if known[0] == key[0] and known[1] != key[1]]:
                self._shells.pop(stale).close()
            if sight.state.status is Status.RUNNING and key not in self._shells:
                with contextlib.suppress(OutlastError):
                    self._shells[key] = self._opened(sight.container, user)

    def run(self, sight: Sight, command: Sequence[str], user: str, within_s: float) -> Ran | None:
        """Run it in the shell that stands; None where none does or another command is under way in it.

        `StackError` when the command does not end in time, or the shell ends with it.
        """
        key = _key(sight, user)
        shell = self._shells.get(key)
        if shell is None or sight.state.status is not Status.RUNNING:
            return None
        try:
            return shell.run_in_turn(shlex.join(command), within_s)
        except BaseException:
            # What is left of its answer would be taken for the next one's.
            with self._lock:
                if self._shells.pop(key, None) is not None:
                    shell.close()
            raise

    def close(self) -> None:
        """Let go of all; they end."""
        with self._lock:
            for shell in self._shells.values():
                shell.close()
            self._shells.clear()

    def _opened(self, container: str, user: str) -> HeldShell:
        with refusals("open a shell in a container"):
            made = self._client.api.exec_create(container, ["sh"], stdin=True, user=user, environment=self._environment)
            shell = HeldShell(self._client.api.exec_start(made["Id"], socket=True), "the shell in the container")
        try:
            shell.run(":", OPEN_S)
        except BaseException:
            shell.close()
            raise
        return shell


def _key(sight: Sight, user: str) -> Key:
    return sight.container, sight.state.started, user

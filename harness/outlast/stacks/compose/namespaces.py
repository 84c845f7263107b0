"""The network namespaces of a stack's nodes: a shell in each that is acted on, made once and kept until the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import docker

from outlast.errors import StackError
from outlast.stacks.compose.containers import Sight
from outlast.stacks.compose.netshell import NetShell
from outlast.stacks.compose.network_undo import refuse
from outlast.stacks.owner import RUN_LABEL
from outlast.stacks.powers import Ran
from outlast.stacks.stack import Status

Facts = Mapping[str, str]


class Namespaces:
    """Shells by container and start: a node that was started anew has another namespace than before."""

    def __init__(self, client: docker.DockerClient, labels: Mapping[str, str], image: Callable[[], str]) -> None:
        """`image` finds or makes what the helpers are made from; it is asked when the first one is needed."""
        self._client = client
        self._labels = dict(labels)
        self._image = image
        self._shells: dict[tuple[str, str], NetShell] = {}
        self._lock = threading.Lock()

    def enter(self, sight: Sight) -> NetShell:
        """The shell in there: at once when it stands, else in 0.15 s. `StackError` for a node that does not run."""
        if sight.state.status not in (Status.RUNNING, Status.PAUSED):
            raise StackError("It does not run, so it has no network that could be acted on.")
        key = (sight.container, sight.state.started)
        with self._lock:
            for stale in [known for known in self._shells if known[0] == key[0] and known != key]:
                self._shells.pop(stale).close()
            if key not in self._shells:
                self._shells[key] = NetShell(self._client, sight.container, self._image(), self._labels)
            return self._shells[key]

    def run(self, sight: Sight, script: str, within_s: float) -> Ran:
        """Run a script in there; a shell that broke is left and made anew the next time."""
        shell = self.enter(sight)
        try:
            return shell.run(script, within_s)
        except StackError:
            with self._lock:
                self._shells.pop((sight.container, sight.state.started), shell).close()
            raise

    def facts(self, script: str) -> dict[str, str]:
        """What the verb `network` (network_undo.py) needs to run that script from another process."""
        return {"script": script, "image": self._image(), "run": self._labels[RUN_LABEL]}

    def undo(self, sight: Sight | None, facts: Facts) -> bool:
        """The undo of a record through the shell that stands already; False when there is none."""
        if sight is None or (sight.container, sight.state.started) not in self._shells:
            return False
        try:
            refuse(self.run(sight, facts["script"], 10.0))
        except StackError:
            return False
        return True

    def close(self) -> None:
        """Let go of all; their helpers end."""
        with self._lock:
            for shell in self._shells.values():
                shell.close()
            self._shells.clear()

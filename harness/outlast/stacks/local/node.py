"""One node of the local engine: a process in a session of its own, restarted as its policy says."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import threading
import time
from dataclasses import dataclass

from outlast.errors import StackError
from outlast.stacks import proc
from outlast.stacks.local.place import Place
from outlast.stacks.owner import IDENTITY_VARIABLE, NODE_VARIABLE, OWNER_VARIABLE, RUN_VARIABLE

# Docker's own backoff: it doubles from 0.1 s and forgets a failure after 10 s of running.
BACKOFF_S, BACKOFF_S_MAX, FORGIVEN_S = 0.1, 60.0, 10.0


@dataclass(slots=True)
class Start:
    """One start of the process; `gone_ns` and `exit_code` are filled by whoever waits for its end."""

    process: subprocess.Popen[bytes]
    ticks: int
    began_ns: int
    gone_ns: int | None = None
    exit_code: int | None = None

    @property
    def pid(self) -> int:
        """The main process; also its session and process group."""
        return self.process.pid


class LocalNode:
    """Starts the process, waits for its end in a thread, and starts it again where the policy of Compose says so."""

    def __init__(self, place: Place, run_id: str, owner: str) -> None:
        self.place = place
        self._marks = {RUN_VARIABLE: run_id, OWNER_VARIABLE: owner, NODE_VARIABLE: place.name}
        self._change = threading.Condition()
        self._start: Start | None = None
        self._wanted = False
        self._failures = 0
        self.identity = ""

    @property
    def current(self) -> Start | None:
        """The latest start, running or ended; None before the first."""
        with self._change:
            return self._start

    @property
    def restarting(self) -> bool:
        """Whether it ended and its policy is about to start it again."""
        with self._change:
            return self._start is not None and self._start.gone_ns is not None and self._wanted

    def start(self) -> None:
        """Start it unless it runs; returns at once. `StackError` when its program cannot be started."""
        with self._change:
            if self._start is not None and self._start.gone_ns is None:
                return
            self.identity = self.identity or secrets.token_hex(6)
            self._failures = 0
            self._wanted = True
            self._spawn()

    def signal(self, number: signal.Signals, *, whole_group: bool = False, unwanted: bool = False) -> Start:
        """Send a signal; returns the start that it went to. `unwanted`: no restart policy may act on what follows.

        `StackError` when it is not running. Its pid cannot have been recycled: nobody reaps it but our own thread.
        """
        with self._change:
            start = self._start
            if start is None or start.gone_ns is not None:
                raise StackError(f"{self.place.name} is not running, so nothing can be done to it.")
            if unwanted:
                self._wanted = False
                self._change.notify_all()
            with contextlib.suppress(ProcessLookupError):
                (os.killpg if whole_group else os.kill)(start.pid, number)
            return start

    def wait_gone(self, start: Start, within_s: float) -> int | None:
        """When that start's process was gone, by the kernel's word; None when it still is there."""
        with self._change:
            self._change.wait_for(lambda: start.gone_ns is not None, within_s)
            return start.gone_ns

    def bury(self) -> None:
        """Give up this identity, and what it kept outside its volumes; the process must be gone."""
        with self._change:
            self.identity = ""
        if not self.place.keeps_data:
            shutil.rmtree(self.place.data, ignore_errors=True)

    def end(self) -> None:
        """SIGKILL whatever is left of it; idempotent."""
        with self._change:
            self._wanted = False
            self._change.notify_all()
            start = self._start
            running = start is not None and start.gone_ns is None
        if start is not None and running:
            with contextlib.suppress(StackError):
                self.signal(signal.SIGKILL, whole_group=True, unwanted=True)
            self.wait_gone(start, 5.0)

    def _spawn(self) -> None:
        self.place.data.mkdir(parents=True, exist_ok=True)
        self.place.log.parent.mkdir(parents=True, exist_ok=True)
        marks = {**self._marks, IDENTITY_VARIABLE: self.identity}
        try:
            with self.place.log.open("ab") as log:
                process = subprocess.Popen(
                    self.place.command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=self.place.data,
                    env={**self.place.environment, **marks},
                    start_new_session=True,
                )
        except OSError as error:
            raise StackError(f"{self.place.name} cannot be started: {error}.") from error
        seen = proc.look(process.pid)
        self._start = Start(process, ticks=seen.ticks if seen else 0, began_ns=time.monotonic_ns())
        name = f"outlast-{self.place.name}"
        threading.Thread(target=self._wait, args=(self._start,), name=name, daemon=True).start()

    def _wait(self, start: Start) -> None:
        # Seen but not reaped: until we reap it, its pid and group cannot be given to anybody else.
        os.waitid(os.P_PID, start.pid, os.WEXITED | os.WNOWAIT)
        gone_ns = time.monotonic_ns()
        with self._change:
            # As in a container, nothing of it outlives its main process.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(start.pid, signal.SIGKILL)
            start.exit_code = start.process.wait()
            start.gone_ns = gone_ns
            self._change.notify_all()
            self._restart_as_policy_says(start)

    def _restart_as_policy_says(self, ended: Start) -> None:
        self._wanted = self._wanted and self._policy_allows(ended.exit_code or 0)
        if not self._wanted:
            return
        if time.monotonic_ns() - ended.began_ns > FORGIVEN_S * 1e9:
            self._failures = 0
        backoff_s = min(BACKOFF_S * 2**self._failures, BACKOFF_S_MAX)
        self._failures += 1
        stopped = self._change.wait_for(lambda: not self._wanted or self._start is not ended, backoff_s)
        if not stopped:
            with contextlib.suppress(StackError):  # its log tells; the node stays down, and a look shows it
                self._spawn()

    def _policy_allows(self, exit_code: int) -> bool:
        word, _, limit = self.place.restart.partition(":")
        if word == "on-failure":
            return exit_code != 0 and (not limit.isdecimal() or self._failures < int(limit))
        return word in ("always", "unless-stopped")

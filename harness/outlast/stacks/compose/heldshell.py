"""A shell in a container whose standard input we hold: a script that is written there runs at once."""

from __future__ import annotations

import contextlib
import queue
import secrets
import shlex
import threading
import time
from typing import Any

from docker.utils import socket as frames

from outlast.errors import StackError
from outlast.stacks.powers import Ran

TURN_S = 0.01


class HeldShell:
    """The far end of Docker's attachment to a `sh`; the shell ends when it is let go of, by whatever death of ours."""

    def __init__(self, attachment: Any, what: str) -> None:
        """`attachment`: the SDK's own, of an attached or started `sh`; `what`: the shell, as part of a sentence."""
        self._socket = attachment
        self._what = what
        self._lock = threading.Lock()
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="outlast-shell", daemon=True)
        self._reader.start()

    def run(self, script: str, within_s: float) -> Ran:
        """Run it to its end: what it costs itself and a millisecond or two. `StackError` when it does not end."""
        with self._lock:
            return self._run(script, within_s)

    def run_in_turn(self, script: str, within_s: float) -> Ran | None:
        """The same, or None where another script keeps it busy for longer than a short question takes.

        Who measures how long an answer takes must not wait for our own turn.
        """
        if not self._lock.acquire(timeout=TURN_S):
            return None
        try:
            return self._run(script, within_s)
        finally:
            self._lock.release()

    def close(self) -> None:
        """Let go: the shell ends; idempotent."""
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
            getattr(self._socket, "_sock", self._socket).sendall(line.encode())
        except OSError as error:
            raise StackError(f"{self._what} is gone: {error}.") from error
        printed = b""
        deadline = time.monotonic() + within_s
        while True:
            try:
                part = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise StackError(f"A script in {self._what} did not end within {within_s:g} s.") from None
            if part is None:
                raise StackError(f"{self._what} ended before its script did.")
            printed += part
            output, found, code = printed.partition(f"\n{mark}".encode())
            if found and code.endswith(b"\n"):
                return Ran(int(code), output.decode(errors="replace"))

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError, frames.SocketError):
            for _, part in frames.frames_iter(self._socket, tty=False):  # type: ignore[no-untyped-call]  # docker's own
                self._lines.put(part)
        self._lines.put(None)

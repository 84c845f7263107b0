"""When a container's main process ended, by the kernel's own word, where its pid can be seen from here."""

from __future__ import annotations

import os
import select
import threading
import time

from outlast.stacks.compose.hostpid import belongs

STEP_MS = 200


class LastBreath:
    """Watches a process from a thread of its own; needs no privilege, only to be on the daemon's own machine.

    The daemon tells of a death some 25 ms late, after it has tidied up: by its clock, a request that was cut in
    between would have failed before the fault.
    """

    def __init__(self, container: str, pid: int | None) -> None:
        self._ended_ns: int | None = None
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        handle = _handle(container, pid)
        if handle is not None:
            self._thread = threading.Thread(target=self._wait, args=(handle,), name="outlast-last-breath", daemon=True)

    def __enter__(self) -> LastBreath:
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def ended_ns(self, by_ns: int) -> int:
        """When it ended, monotonic; `by_ns`, when the daemon says that it had, where the process cannot be seen."""
        if self._thread is not None:
            self._thread.join(timeout=1.0)
        return by_ns if self._ended_ns is None else min(self._ended_ns, by_ns)

    def _wait(self, handle: int) -> None:
        ends = select.poll()
        ends.register(handle, select.POLLIN)
        try:
            while not self._over.is_set():
                if ends.poll(STEP_MS):
                    self._ended_ns = time.monotonic_ns()
                    return
        finally:
            os.close(handle)


def _handle(container: str, pid: int | None) -> int | None:
    if pid is None or not hasattr(os, "pidfd_open"):
        return None
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return None
    if belongs(container, pid):  # else it is another machine's or namespace's pid, and somebody else here
        return handle
    os.close(handle)
    return None

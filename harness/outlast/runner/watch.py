"""Watches the load while the run goes on: writes its ticks, and waits in ways that notice a dead load."""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType

from outlast.archive.event import LoadTicked
from outlast.archive.events import EventLog
from outlast.clock import Clock
from outlast.runner.abort import WINDOW_S, Recent
from outlast.workloads.launch import LoadProcess
from outlast.workloads.status import LoadStatus

TICK_S = 0.5


class LoadWatch:
    """Ticks twice a second on a thread of its own, so that a slow fault does not blind the live view."""

    def __init__(self, process: LoadProcess, log: EventLog, clock: Clock) -> None:
        self._process = process
        self._log = log
        self._clock = clock
        self._over = threading.Event()
        self._error: BaseException | None = None
        self._failed = 0
        self._failed_ns = 0
        self._past: deque[LoadStatus] = deque(maxlen=round(WINDOW_S / TICK_S) + 1)
        self._thread = threading.Thread(target=self._watch, name="outlast-load-watch", daemon=True)

    def __enter__(self) -> LoadWatch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def wait_until(self, start_ns: int, seconds: float) -> None:
        """Wait for an instant after the load's start. Raises LoadError as soon as the load is dead."""
        due_ns = start_ns + int(seconds * 1e9)
        while (left_s := (due_ns - self._clock.now_ns()) / 1e9) > 0:
            self._must_live()
            self._clock.sleep(min(left_s, TICK_S / 5))
        self._must_live()

    def pause(self, seconds: float) -> None:
        """Wait so long, at most a fifth of a tick. Raises LoadError as soon as the load is dead."""
        self._must_live()
        self._clock.sleep(min(seconds, TICK_S / 5))

    def recent(self) -> Recent:
        """How the last two seconds went, as far as they were seen."""
        past = tuple(self._past)
        if not past:
            return Recent()
        first, last = past[0], past[-1]
        return Recent(last.operations - first.operations, last.failed - first.failed, last.sessions_gone)

    def wait_calm(self, since_ns: int, calm_s: float, patience_s: float) -> None:
        """Wait until no request failed for `calm_s`, at most `patience_s` after `since_ns`."""
        while self._clock.now_ns() - since_ns < patience_s * 1e9:
            self._must_live()
            if self._clock.now_ns() - max(since_ns, self._failed_ns) >= calm_s * 1e9:
                return
            self._clock.sleep(TICK_S / 5)

    def _must_live(self) -> None:
        if self._error is not None:
            raise self._error

    def _watch(self) -> None:
        while not self._over.wait(TICK_S):
            try:
                self._tick()
            except Exception as error:  # carried over to the waiting thread, which raises it
                self._error = error
                return

    def _tick(self) -> None:
        status = self._process.tick()
        now_ns = self._clock.now_ns()
        if status.failed > self._failed:
            self._failed, self._failed_ns = status.failed, now_ns
        self._past.append(status)
        self._log.write(
            LoadTicked(
                at_ns=now_ns,
                operations=status.operations,
                per_second=status.per_second,
                failed=status.failed,
                sessions_alive=status.sessions_alive,
                sessions_gone=status.sessions_gone,
                sessions_unknown=status.sessions_unknown,
                per_replica=dict(status.per_replica),
            )
        )

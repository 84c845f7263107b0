"""The one clock of a run: monotonic nanoseconds, shared by every process of one machine."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Something that knows what time it is and how to wait."""

    def now_ns(self) -> int:
        """Monotonic nanoseconds; the same on every process of this machine."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait for so many seconds."""
        ...


class MonotonicClock:
    """CLOCK_MONOTONIC, which Linux counts from boot for all processes alike."""

    def now_ns(self) -> int:
        return time.monotonic_ns()

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds)


def wall_to_monotonic_ns(wall_ns: int) -> int:
    """A wall-clock instant (Docker's events) on the run's clock; exact while nobody steps the wall clock."""
    before = time.monotonic_ns()
    wall_now = time.time_ns()
    after = time.monotonic_ns()
    return wall_ns - wall_now + (before + after) // 2

"""An outage that is remembered: what has just failed is not asked again for a moment, so that nobody waits for it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from outlast_lab_app.stores.store import StoreUnavailable

QUIET_S: Final = 1.0
T = TypeVar("T")


class Outage:
    """Known as a circuit breaker. Without it every request would wait until a silent store has timed out."""

    def __init__(self, quiet_s: float = QUIET_S, now_s: Callable[[], float] = time.monotonic) -> None:
        self._quiet_s = quiet_s
        self._now_s = now_s
        self._until_s = float("-inf")

    async def guard(self, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer. `StoreUnavailable` without asking, for `quiet_s` seconds after the last such failure."""
        if self._now_s() < self._until_s:
            raise StoreUnavailable("it failed a moment ago")
        try:
            return await ask()
        except StoreUnavailable:
            self._until_s = self._now_s() + self._quiet_s
            raise

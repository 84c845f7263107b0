"""How many costly requests a session may make in a second: counted by each process alone, or by all in Redis."""

from __future__ import annotations

import time
from typing import Any, Final, Protocol

from outlast_lab_app.settings import Settings
from outlast_lab_app.stores.redis import client_of, ran
from outlast_lab_app.stores.store import StoreUnavailable

# Redis's own clock tells the second, so that all replicas mean the same one.
COUNT: Final = """
local key = 'limit:' .. ARGV[1] .. ':' .. redis.call('TIME')[1]
local count = redis.call('INCR', key)
redis.call('EXPIRE', key, 2)
return count
"""


class Limiter(Protocol):
    """Says of each request whether it may be."""

    async def admits(self, cookie: str) -> bool: ...

    async def close(self) -> None: ...


def limiter_of(settings: Settings) -> Limiter | None:
    """As the settings say; None where nothing is limited."""
    if not settings.costly_per_s:
        return None
    if settings.limiter == "shared":
        return SharedLimiter(settings.costly_per_s, client_of(settings), admits_blindly=not settings.limiter_closed)
    return OwnLimiter(settings.costly_per_s)


class OwnLimiter:
    """This process's own count: with N of them a session that goes round all may do N times as much."""

    def __init__(self, per_s: int) -> None:
        self._per_s = per_s
        self._second = 0
        self._counts: dict[str, int] = {}

    async def admits(self, cookie: str) -> bool:
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._counts = second, {}
        self._counts[cookie] = count = self._counts.get(cookie, 0) + 1
        return count <= self._per_s

    async def close(self) -> None:
        """Nothing is held."""


class SharedLimiter:
    """One count for all replicas. `admits_blindly`: what becomes of a request while Redis cannot be asked."""

    def __init__(self, per_s: int, client: Any, *, admits_blindly: bool) -> None:
        self._per_s = per_s
        self._client = client
        self._admits_blindly = admits_blindly
        self._count = client.register_script(COUNT)

    async def admits(self, cookie: str) -> bool:
        try:
            return int(await ran(self._count, [], [cookie])) <= self._per_s
        except StoreUnavailable:
            return self._admits_blindly

    async def close(self) -> None:
        await self._client.connection_pool.disconnect()

"""Sessions as whole texts in one shared Redis, changed under a lock that this process alone knows."""

from __future__ import annotations

from asyncio import Lock
from weakref import WeakValueDictionary

import redis.asyncio

from outlast_lab_app.settings import Settings
from outlast_lab_app.stores.redis import client_of
from outlast_lab_app.stores.redis_blob import BlobStore, Change, Pause
from outlast_lab_app.stores.store import Kept


def make(settings: Settings) -> LockingStore:
    """As the store `redis_blob`, with locks."""
    return LockingStore(client_of(settings))


class LockingStore(BlobStore):
    """A lock per session: who comes meanwhile waits. It does not hold for what another process does to the session."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        super().__init__(client)
        self._locks: WeakValueDictionary[str, Lock] = WeakValueDictionary()

    async def logout(self, cookie: str, *, everywhere: bool) -> bool:
        async with self._lock(cookie):
            return await super().logout(cookie, everywhere=everywhere)

    async def change(self, cookie: str, change: Change, pause: Pause) -> Kept | None:
        async with self._lock(cookie):
            return await super().change(cookie, change, pause)

    def _lock(self, cookie: str) -> Lock:
        """It lasts as long as somebody holds it or waits for it."""
        return self._locks.setdefault(cookie, Lock())

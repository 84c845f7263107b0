"""Sessions in this process's memory, each read and written back as a whole, under a lock that this process holds."""

from __future__ import annotations

from asyncio import Lock
from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

from outlast_lab_app.settings import Settings
from outlast_lab_app.stores.memory import MemoryStore
from outlast_lab_app.stores.store import Kept


def make(settings: Settings) -> LockedMemoryStore:
    """As the store `memory`, with locks."""
    return LockedMemoryStore("x" * settings.session_bytes)


class LockedMemoryStore(MemoryStore):
    """A lock per session: who comes meanwhile waits. It holds as long as one process answers for the session."""

    def __init__(self, ballast: str = "") -> None:
        super().__init__(ballast)
        self._locks: WeakValueDictionary[str, Lock] = WeakValueDictionary()

    async def write(self, cookie: str, value: str) -> Kept | None:
        async with self._lock(cookie):
            return await super().write(cookie, value)

    async def write_slowly(self, cookie: str, value: str, pause: Callable[[], Awaitable[None]]) -> Kept | None:
        """What was read before the pause is what is written after it: only the lock keeps the others' changes."""
        async with self._lock(cookie):
            session = self._sessions.get(cookie)
            if session is None:
                return None
            await pause()
            return self._keep(cookie, session.written(value))

    async def increment(self, cookie: str, attempt: str) -> Kept | None:
        async with self._lock(cookie):
            return await super().increment(cookie, attempt)

    async def logout(self, cookie: str, *, everywhere: bool) -> bool:
        async with self._lock(cookie):
            return await super().logout(cookie, everywhere=everywhere)

    def _lock(self, cookie: str) -> Lock:
        """It lasts as long as somebody holds it or waits for it."""
        return self._locks.setdefault(cookie, Lock())

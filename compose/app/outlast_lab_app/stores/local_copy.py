"""Sessions in this process's memory, each change copied to Redis before it is acknowledged, and no old copy trusted."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from weakref import WeakValueDictionary

from outlast_lab_app.copies import Copies, Copy, open_copies
from outlast_lab_app.session import Session
from outlast_lab_app.settings import Settings
from outlast_lab_app.stores.store import Kept, StoreUnavailable


def make(settings: Settings) -> LocalCopyStore:
    """An empty memory, and a pool of connections to the copies."""
    return LocalCopyStore(open_copies(settings), settings.replica, "x" * settings.session_bytes)


class LocalCopyStore:
    """Memory serves, Redis knows who is right: each verb asks for the copy's version and takes over a newer one.

    While Redis is out memory serves alone, unchecked; what it changed meanwhile, is copied when the session is next
    asked for. Who finds no copy where memory has a session, puts it back: a flushed Redis is refilled by its users.
    A logout is acknowledged only when Redis knows of it. The cookie ends with the name of the replica that made it.
    """

    def __init__(self, copies: Copies, replica: str, ballast: str = "") -> None:
        self._copies = copies
        self._replica = replica
        self._ballast = ballast
        self._held: dict[str, Copy] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def login(self, user: str) -> Kept:
        cookie = f"{secrets.token_urlsafe(24)}.{self._replica}"
        session = Session(user, ballast=self._ballast)
        await self._keep(cookie, session, 0)
        return Kept(session, cookie)

    async def read(self, cookie: str, *, with_log: bool) -> Kept | None:
        known = await self._current(cookie)
        return None if known is None or known.session is None else Kept(known.session)

    async def write(self, cookie: str, value: str) -> Kept | None:
        return await self._change(cookie, lambda session: session.written(value))

    async def increment(self, cookie: str, attempt: str) -> Kept | None:
        return await self._change(cookie, lambda session: session.incremented(attempt))

    async def logout(self, cookie: str, *, everywhere: bool) -> bool:
        async with self._turn(cookie):
            known = await self._current(cookie)
            if known is None or known.session is None:
                return False
            user = known.session.user
            await self._copies.end(cookie, known.session, everywhere=everywhere)
            for held, copy in list(self._held.items()):
                if held == cookie or (everywhere and copy.session is not None and copy.session.user == user):
                    self._forget(held)
            return True

    async def close(self) -> None:
        await self._copies.close()

    async def _change(self, cookie: str, change: Callable[[Session], Session]) -> Kept | None:
        """One change after the other, each on the newest state: another replica may have been faster."""
        async with self._turn(cookie):
            known = await self._current(cookie)
            while known is not None and known.session is not None:
                session = change(known.session)
                newer = await self._keep(cookie, session, known.version + 1)
                if newer is None:
                    return Kept(session)
                known = newer
            return None

    async def _current(self, cookie: str) -> Copy | None:
        """The newest state that there is; None when nobody knows of any."""
        held = self._held.get(cookie)
        try:
            found = await self._copies.get(cookie, held)
        except StoreUnavailable:
            if held is None:
                raise
            return held
        if held is not None and held.session is not None and (found is None or found.version < held.version):
            return await self._keep(cookie, held.session, held.version) or held
        if found is not None:
            self._take_over(cookie, found)
        return found

    async def _keep(self, cookie: str, session: Session, version: int) -> Copy | None:
        """In memory and as a copy; or None of it, where a newer copy is found, which is returned."""
        try:
            newer = await self._copies.put(cookie, session, version)
        except StoreUnavailable:
            newer = None
        self._take_over(cookie, newer or Copy(session, version))
        return newer

    def _take_over(self, cookie: str, copy: Copy) -> None:
        """Into memory, unless that has gone on meanwhile."""
        held = self._held.get(cookie)
        if copy.session is None:
            self._forget(cookie)
        elif held is None or held.version <= copy.version:
            self._held[cookie] = copy

    def _forget(self, cookie: str) -> None:
        self._held.pop(cookie, None)

    def _turn(self, cookie: str) -> asyncio.Lock:
        """Held by who changes that session; gone when nobody does."""
        turn = self._turns.get(cookie)
        if turn is None:
            turn = self._turns[cookie] = asyncio.Lock()
        return turn

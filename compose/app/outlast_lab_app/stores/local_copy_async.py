"""Sessions in this process's memory, copied to Redis twice a second: what is younger dies with the process."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from outlast_lab_app.copies import Copies, Copy, open_copies
from outlast_lab_app.session import Session
from outlast_lab_app.settings import Settings
from outlast_lab_app.stores.local_copy import LocalCopyStore
from outlast_lab_app.stores.store import StoreUnavailable

EVERY_S: Final = 0.5


def make(settings: Settings) -> AsyncLocalCopyStore:
    """An empty memory, and a pool of connections to the copies."""
    return AsyncLocalCopyStore(open_copies(settings), settings.replica, "x" * settings.session_bytes)


class AsyncLocalCopyStore(LocalCopyStore):
    """Acknowledged first and copied later. From SIGTERM on it copies first, so that an orderly stop loses nothing."""

    def __init__(self, copies: Copies, replica: str, ballast: str = "") -> None:
        super().__init__(copies, replica, ballast)
        self._owed: dict[str, None] = {}
        self._paying: asyncio.Task[None] | None = None
        self._draining = asyncio.Event()

    async def drain(self) -> None:
        self._draining.set()
        await self._pay()

    async def close(self) -> None:
        await self.drain()
        if self._paying is not None:
            await self._paying
        await super().close()

    async def _keep(self, cookie: str, session: Session, version: int) -> Copy | None:
        if self._draining.is_set():
            return await super()._keep(cookie, session, version)
        self._take_over(cookie, Copy(session, version))
        self._owed[cookie] = None
        if self._paying is None:
            self._paying = asyncio.get_running_loop().create_task(self._pay_again_and_again())
        return None

    def _forget(self, cookie: str) -> None:
        super()._forget(cookie)
        self._owed.pop(cookie, None)

    async def _pay_again_and_again(self) -> None:
        while not self._draining.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._draining.wait(), EVERY_S)
            await self._pay()

    async def _pay(self) -> None:
        """Copy what is owed, as it is now; what cannot be copied is owed on."""
        for cookie in list(self._owed):
            held = self._held.get(cookie)
            if cookie not in self._owed or held is None or held.session is None:
                continue
            del self._owed[cookie]
            try:
                newer = await self._copies.put(cookie, held.session, held.version)
            except StoreUnavailable:
                self._owed[cookie] = None
                return
            if newer is not None:
                self._take_over(cookie, newer)

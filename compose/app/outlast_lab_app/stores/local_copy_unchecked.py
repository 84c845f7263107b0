"""Sessions in this process's memory, each change copied to Redis, and memory believed whenever it has the session."""

from __future__ import annotations

import contextlib

from outlast_lab_app.copies import Copy, open_copies
from outlast_lab_app.session import Session
from outlast_lab_app.settings import Settings
from outlast_lab_app.stores.local_copy import LocalCopyStore
from outlast_lab_app.stores.store import StoreUnavailable


def make(settings: Settings) -> UncheckedLocalCopyStore:
    """An empty memory, and a pool of connections to the copies."""
    return UncheckedLocalCopyStore(open_copies(settings), settings.replica, "x" * settings.session_bytes)


class UncheckedLocalCopyStore(LocalCopyStore):
    """The copy is asked for only where memory has nothing. A user who was served elsewhere meanwhile and comes back, is
    back where they left; and the next change is copied over what the other replica had copied."""

    async def _current(self, cookie: str) -> Copy | None:
        held = self._held.get(cookie)
        if held is not None:
            return held
        found = await self._copies.get(cookie, None)
        if found is not None:
            self._take_over(cookie, found)
        return found

    async def _keep(self, cookie: str, session: Session, version: int) -> Copy | None:
        with contextlib.suppress(StoreUnavailable):
            await self._copies.put(cookie, session, version, always=True)
        self._held[cookie] = Copy(session, version)
        return None

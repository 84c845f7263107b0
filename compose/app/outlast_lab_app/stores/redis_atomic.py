"""Sessions as whole texts in one shared Redis that takes a change only of what nobody has changed since: WATCH."""

from __future__ import annotations

from redis.exceptions import WatchError

from outlast_lab_app.settings import Settings
from outlast_lab_app.stores.redis import client_of
from outlast_lab_app.stores.redis_blob import BlobStore, Change, Pause, at_once, blob, key, session_in, trouble
from outlast_lab_app.stores.store import Kept


def make(settings: Settings) -> WatchingStore:
    """As the store `redis_blob`, and watchful."""
    return WatchingStore(client_of(settings))


class WatchingStore(BlobStore):
    """Whoever was overtaken reads again and changes what is there now: nothing of its first try was executed."""

    async def change(self, cookie: str, change: Change, pause: Pause) -> Kept | None:
        while True:
            with trouble():
                try:
                    return await self._try(cookie, change, pause)
                except WatchError:
                    pause = at_once

    async def _try(self, cookie: str, change: Change, pause: Pause) -> Kept | None:
        async with self.client.pipeline(transaction=True) as pipe:
            await pipe.watch(key(cookie))
            session = session_in(await pipe.get(key(cookie)))
            if session is None:
                return None
            await pause()
            changed = change(session)
            pipe.multi()
            pipe.set(key(cookie), blob(changed))
            await pipe.execute()
        return Kept(changed)

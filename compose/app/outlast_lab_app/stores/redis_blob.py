"""Sessions in one shared Redis, each read as a whole and written back as a whole, as most session libraries do it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import redis.asyncio
from redis.exceptions import RedisError

from outlast_lab_app.session import Session
from outlast_lab_app.settings import Settings
from outlast_lab_app.stores.redis import client_of
from outlast_lab_app.stores.store import Kept, StoreUnavailable

Change = Callable[[Session], Session]
Pause = Callable[[], Awaitable[None]]


def make(settings: Settings) -> BlobStore:
    """A pool of connections; Redis itself is first met by the first verb."""
    return BlobStore(client_of(settings))


async def at_once() -> None:
    """No pause."""


class BlobStore:
    """A text per session, session:COOKIE, and user:NAME, the set of the user's cookies.

    Of two requests that change a session at once the later to write wins, and writes what it read before the other.
    """

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self.client = client

    async def login(self, user: str) -> Kept:
        cookie, session = secrets.token_urlsafe(24), Session(user)
        with trouble():
            await self.client.sadd(f"user:{user}", cookie)
            await self.client.set(key(cookie), blob(session))
        return Kept(session, cookie)

    async def read(self, cookie: str, *, with_log: bool) -> Kept | None:
        with trouble():
            session = session_in(await self.client.get(key(cookie)))
        return None if session is None else Kept(session)

    async def write(self, cookie: str, value: str) -> Kept | None:
        return await self.change(cookie, lambda session: session.written(value), at_once)

    async def write_slowly(self, cookie: str, value: str, pause: Pause) -> Kept | None:
        return await self.change(cookie, lambda session: session.written(value), pause)

    async def increment(self, cookie: str, attempt: str) -> Kept | None:
        return await self.change(cookie, lambda session: session.incremented(attempt), at_once)

    async def logout(self, cookie: str, *, everywhere: bool) -> bool:
        with trouble():
            session = session_in(await self.client.get(key(cookie)))
            if session is None:
                return False
            user = f"user:{session.user}"
            ended = list(await self.client.smembers(user)) if everywhere else [cookie]
            gone = int(await self.client.delete(key(cookie), *(key(other) for other in ended if other != cookie)))
            await self.client.srem(user, *{cookie, *ended})
        return gone > 0

    async def close(self) -> None:
        await self.client.connection_pool.disconnect()

    async def change(self, cookie: str, change: Change, pause: Pause) -> Kept | None:
        """Read, pause, write."""
        with trouble():
            session = session_in(await self.client.get(key(cookie)))
            if session is None:
                return None
            await pause()
            changed = change(session)
            await self.client.set(key(cookie), blob(changed))
        return Kept(changed)


@contextmanager
def trouble() -> Iterator[None]:
    """`StoreUnavailable`, whatever keeps Redis from answering."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise StoreUnavailable(f"{type(error).__name__}: {error}") from error


def key(cookie: str) -> str:
    """Where a session is."""
    return f"session:{cookie}"


def blob(session: Session) -> str:
    """Session -> text."""
    return json.dumps([session.user, session.value, session.counter, session.log])


def session_in(text: str | None) -> Session | None:
    """Text -> session; None where there is none."""
    if text is None:
        return None
    user, value, counter, log = json.loads(text)
    return Session(user, value, counter, tuple(log))

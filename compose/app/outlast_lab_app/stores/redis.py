"""Sessions in one Redis that all replicas share: any replica serves any user, and all depend on the one."""

from __future__ import annotations

import inspect
import secrets
from typing import Any, Final

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from outlast_lab_app.session import LOG_LENGTH, Session
from outlast_lab_app.settings import Settings
from outlast_lab_app.stores.store import Kept, StoreUnavailable

# RESP2 is what Debian's client speaks. A newer one would speak RESP3 with notifications of maintenance, and then take a
# connection that a restarted Redis has closed for one that brings such a notification: a failed request for each.
PROTOCOL: Final[dict[str, Any]] = (
    {"protocol": 2} if "protocol" in inspect.signature(redis.asyncio.Redis).parameters else {}
)

# Every verb is one script, so one round trip and atomic: nobody sees half of it, and no two interleave. An answer of
# false is "no such session", which Redis tells apart from every way of being down.
# A session is the hash session:COOKIE and the list log:COOKIE; user:NAME is the set of the user's cookies.
LOGIN: Final = """
redis.call('HSET', KEYS[1], 'user', ARGV[1], 'counter', 0, 'ballast', ARGV[3])
redis.call('SADD', KEYS[2], ARGV[2])
return 1
"""
FIND: Final = """
local user = redis.call('HGET', KEYS[1], 'user')
if not user then return false end
"""
READ: Final = (
    FIND
    + """
local log = {}
if ARGV[1] == '1' then log = redis.call('LRANGE', KEYS[2], 0, -1) end
local kept = redis.call('HMGET', KEYS[1], 'value', 'counter', 'ballast')
return {user, kept[1], kept[2], log, kept[3]}
"""
)
WRITE: Final = (
    FIND
    + """
redis.call('HSET', KEYS[1], 'value', ARGV[1])
return {user, ARGV[1], redis.call('HGET', KEYS[1], 'counter'), {}}
"""
)
INCREMENT: Final = (
    FIND
    + f"""
local counter = redis.call('HINCRBY', KEYS[1], 'counter', 1)
redis.call('RPUSH', KEYS[2], ARGV[1])
redis.call('LTRIM', KEYS[2], -{LOG_LENGTH}, -1)
return {{user, redis.call('HGET', KEYS[1], 'value'), counter, {{}}}}
"""
)
LOGOUT: Final = (
    FIND
    + """
local ended = {ARGV[1]}
if ARGV[2] == '1' then ended = redis.call('SMEMBERS', 'user:' .. user) end
for _, cookie in ipairs(ended) do
    redis.call('DEL', 'session:' .. cookie, 'log:' .. cookie)
    redis.call('SREM', 'user:' .. user, cookie)
end
return 1
"""
)


def make(settings: Settings) -> RedisStore:
    """A pool of connections; Redis itself is first met by the first verb."""
    return RedisStore(client_of(settings), "x" * settings.session_bytes)


def client_of(settings: Settings) -> redis.asyncio.Redis:
    """A client that answers in text and never sends a command twice."""
    return redis.asyncio.Redis(
        host=settings.store_host,
        port=settings.store_port,
        socket_timeout=settings.store_timeout_s,
        socket_connect_timeout=settings.store_timeout_s,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
        **PROTOCOL,
    )


class RedisStore:
    """A hash per session, changed by scripts alone.

    A verb is sent once: a client that sends an increment again on its own would execute it twice behind everyone's
    back. A connection that a restarted Redis has closed is noticed when it is taken from the pool, and opened anew.
    """

    def __init__(self, client: redis.asyncio.Redis, ballast: str = "") -> None:
        self.client = client
        self._ballast = ballast
        self._login = self.client.register_script(LOGIN)
        self._read = self.client.register_script(READ)
        self._write = self.client.register_script(WRITE)
        self._increment = self.client.register_script(INCREMENT)
        self._logout = self.client.register_script(LOGOUT)

    async def login(self, user: str) -> Kept:
        cookie = secrets.token_urlsafe(24)
        await self.change(self._login, [f"session:{cookie}", f"user:{user}"], [user, cookie, self._ballast])
        return Kept(Session(user, ballast=self._ballast), cookie)

    async def read(self, cookie: str, *, with_log: bool) -> Kept | None:
        return _kept(await ran(self._read, _keys(cookie), ["1" if with_log else "0"]))

    async def write(self, cookie: str, value: str) -> Kept | None:
        return _kept(await self.change(self._write, _keys(cookie), [value]))

    async def increment(self, cookie: str, attempt: str) -> Kept | None:
        return _kept(await self.change(self._increment, _keys(cookie), [attempt]))

    async def logout(self, cookie: str, *, everywhere: bool) -> bool:
        return bool(await self.change(self._logout, _keys(cookie), [cookie, "1" if everywhere else "0"]))

    async def close(self) -> None:
        await self.client.connection_pool.disconnect()

    async def change(self, script: Any, keys: list[str], arguments: list[str]) -> Any:
        """What a script that changes something answers; `StoreUnavailable` unless it may be acknowledged."""
        return await ran(script, keys, arguments)


def _keys(cookie: str) -> list[str]:
    return [f"session:{cookie}", f"log:{cookie}"]


async def ran(script: Any, keys: list[str], arguments: list[str]) -> Any:
    """What a script answers; `StoreUnavailable` whatever keeps Redis from running it."""
    try:
        return await script(keys=keys, args=arguments)
    except (RedisError, OSError) as error:  # down, frozen, loading, full, read-only: in no case "no such session"
        raise StoreUnavailable(f"{type(error).__name__}: {error}") from error


def _kept(answer: list[Any] | None) -> Kept | None:
    if answer is None:
        return None
    user, value, counter, log, *ballast = answer
    return Kept(Session(user, value, int(counter), tuple(log), *ballast))

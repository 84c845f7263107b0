"""Copies of sessions in Redis, each with a version: what a replica that lost its memory falls back on."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from outlast_lab_app.outage import Outage
from outlast_lab_app.session import Session
from outlast_lab_app.settings import Settings
from outlast_lab_app.stores.redis import client_of, ran
from outlast_lab_app.stores.store import StoreUnavailable

ENDED: Final = 2**53 - 1
"""The version of a session that was logged out: nothing is newer."""
ENDED_KEPT_S: Final = 86_400

# A copy is the hash copy:COOKIE; user:NAME is the set of the user's cookies. A session that has ended leaves a mark:
# were its copy just gone, whoever still has the session in memory would put it back.
GET: Final = """
local kept = redis.call('HMGET', KEYS[1], 'version', 'state')
if not kept[1] then return false end
if kept[1] == ARGV[1] then return {kept[1]} end
return kept
"""
PUT: Final = """
local kept = redis.call('HMGET', KEYS[1], 'version', 'state')
if ARGV[4] == '0' and kept[1] and tonumber(kept[1]) >= tonumber(ARGV[1]) and kept[2] ~= ARGV[2] then return kept end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'state', ARGV[2])
redis.call('SADD', KEYS[2], ARGV[3])
return false
"""
END: Final = f"""
local ended = {{ARGV[1]}}
if ARGV[2] == '1' then ended = redis.call('SMEMBERS', KEYS[2]) end
for _, cookie in ipairs(ended) do
    redis.call('HSET', 'copy:' .. cookie, 'version', '{ENDED}', 'state', '')
    redis.call('EXPIRE', 'copy:' .. cookie, {ENDED_KEPT_S})
    redis.call('SREM', KEYS[2], cookie)
end
return 1
"""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Copy:
    """A session after so many changes; None: it has ended."""

    session: Session | None
    version: int


class Copies:
    """Everything here may be sent twice with the effect of once, so a failed try is followed by one over a new
    connection: of a replica that was cut off, all old connections may be dead while the store is well.

    Only if that fails too, the store is taken to be out. `StoreUnavailable`, and for a second nobody waits for it.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._outage = Outage()
        self._get = client.register_script(GET)
        self._put = client.register_script(PUT)
        self._end = client.register_script(END)

    async def get(self, cookie: str, known: Copy | None) -> Copy | None:
        """The copy, None when there is none; `known` itself when it is of that version, whatever its size."""
        version = "" if known is None else str(known.version)
        answer = await self._ask(lambda: ran(self._get, [_key(cookie)], [version]))
        return known if answer is not None and len(answer) == 1 else _copy(answer)

    async def put(self, cookie: str, session: Session, version: int, *, always: bool = False) -> Copy | None:
        """Keep a session; or, unless `always`, leave what is there and return it, where it is as new or newer."""
        keys, arguments = [_key(cookie), _user(session)], [str(version), _state(session), cookie, str(int(always))]
        return _copy(await self._ask(lambda: ran(self._put, keys, arguments)))

    async def end(self, cookie: str, session: Session, *, everywhere: bool) -> None:
        """The session has ended, or all of its user's have."""
        keys, arguments = [_key(cookie), _user(session)], [cookie, str(int(everywhere))]
        await self._ask(lambda: ran(self._end, keys, arguments))

    async def close(self) -> None:
        await self._client.connection_pool.disconnect()

    async def _ask(self, ask: Callable[[], Awaitable[T]]) -> T:
        async def twice() -> T:
            try:
                return await ask()
            except StoreUnavailable:
                await self._client.connection_pool.disconnect(inuse_connections=False)
                return await ask()

        return await self._outage.guard(twice)


def open_copies(settings: Settings) -> Copies:
    """A pool of connections; Redis itself is first met by the first verb."""
    return Copies(client_of(settings))


def _key(cookie: str) -> str:
    return f"copy:{cookie}"


def _user(session: Session) -> str:
    return f"user:{session.user}"


def _state(session: Session) -> str:
    return json.dumps([session.user, session.value, session.counter, session.log, session.ballast])


def _copy(answer: list[str] | None) -> Copy | None:
    if answer is None:
        return None
    version, state = answer
    if not state:
        return Copy(None, int(version))
    user, value, counter, log, ballast = json.loads(state)
    return Copy(Session(user, value, counter, tuple(log), ballast), int(version))

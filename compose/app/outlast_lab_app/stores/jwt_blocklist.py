"""Sessions in signed cookies, and a list of the ended ones in Redis: without it nobody is let in (fail closed)."""

from __future__ import annotations

import time
from typing import Any, Final

from outlast_lab_app import token
from outlast_lab_app.settings import Settings
from outlast_lab_app.stores.jwt import JwtStore, key_of
from outlast_lab_app.stores.redis import client_of, ran
from outlast_lab_app.token import Token

# ended:LOGIN is there once that login has ended; ended-user:NAME tells up to when all logins of that user have.
ENDED: Final = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 1 end
local until_s = redis.call('GET', KEYS[2])
if until_s and tonumber(ARGV[1]) <= tonumber(until_s) then return 1 end
return 0
"""
END: Final = """
redis.call('SET', KEYS[1], 1)
if ARGV[1] == '1' then redis.call('SET', KEYS[2], ARGV[2]) end
return 1
"""


def make(settings: Settings) -> JwtBlockListStore:
    """The key, and a pool of connections to the list."""
    return JwtBlockListStore(key_of(settings), client_of(settings))


class JwtBlockListStore(JwtStore):
    """The list is asked at every verb but a login: a token that it cannot be asked about may have ended.

    Who loses the list, lets everybody in again who ever logged out. An entry could go when its token expires; these
    never do.
    """

    def __init__(self, key: str, client: Any) -> None:
        super().__init__(key)
        self._client = client
        self._ended = client.register_script(ENDED)
        self._end = client.register_script(END)

    async def logout(self, cookie: str, *, everywhere: bool) -> bool:
        known = await self._valid(cookie)
        if known is not None:
            await self._list(known, everywhere)
        return known is not None

    async def close(self) -> None:
        await self._client.connection_pool.disconnect()

    async def _valid(self, cookie: str) -> Token | None:
        known = token.read(cookie, self._key)
        return None if known is None or await self._is_listed(known) else known

    async def _is_listed(self, known: Token) -> bool:
        return bool(await ran(self._ended, _keys(known), [repr(known.since)]))

    async def _list(self, ended: Token, everywhere: bool) -> None:
        await ran(self._end, _keys(ended), ["1" if everywhere else "0", repr(time.time())])


def _keys(known: Token) -> list[str]:
    return [f"ended:{known.login}", f"ended-user:{known.session.user}"]

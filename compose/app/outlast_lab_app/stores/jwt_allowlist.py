"""Sessions in signed cookies, and a list of those that count in Redis: who is not on it is nobody."""

from __future__ import annotations

from typing import Any, Final

from outlast_lab_app import token
from outlast_lab_app.settings import Settings
from outlast_lab_app.stores.jwt import JwtStore, key_of
from outlast_lab_app.stores.redis import client_of, ran
from outlast_lab_app.stores.store import Kept
from outlast_lab_app.token import Token

# allowed:NAME is the set of the user's logins that have not ended.
ALLOW: Final = "return redis.call('SADD', KEYS[1], ARGV[1])"
ALLOWED: Final = "return redis.call('SISMEMBER', KEYS[1], ARGV[1])"
END: Final = """
if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 0 then return 0 end
if ARGV[2] == '1' then redis.call('DEL', KEYS[1]) else redis.call('SREM', KEYS[1], ARGV[1]) end
return 1
"""


def make(settings: Settings) -> JwtAllowListStore:
    """The key, and a pool of connections to the list."""
    return JwtAllowListStore(key_of(settings), client_of(settings))


class JwtAllowListStore(JwtStore):
    """The list is asked at every verb, and a login is on it before it is acknowledged. Who loses it, logs everybody
    out; what a session holds is still in its cookie, and an old cookie of a login that counts is an old state."""

    def __init__(self, key: str, client: Any) -> None:
        super().__init__(key)
        self._client = client
        self._allow = client.register_script(ALLOW)
        self._allowed = client.register_script(ALLOWED)
        self._end = client.register_script(END)

    async def login(self, user: str) -> Kept:
        begun = token.new(user)
        await ran(self._allow, _keys(begun), [begun.login])
        return self._issued(begun)

    async def logout(self, cookie: str, *, everywhere: bool) -> bool:
        known = token.read(cookie, self._key)
        if known is None:
            return False
        return bool(await ran(self._end, _keys(known), [known.login, "1" if everywhere else "0"]))

    async def close(self) -> None:
        await self._client.connection_pool.disconnect()

    async def _valid(self, cookie: str) -> Token | None:
        known = token.read(cookie, self._key)
        if known is None or not await ran(self._allowed, _keys(known), [known.login]):
            return None
        return known


def _keys(known: Token) -> list[str]:
    return [f"allowed:{known.session.user}"]

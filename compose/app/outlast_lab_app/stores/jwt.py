"""Sessions in the cookie itself, signed: no server keeps anything, and so none can take a session back."""

from __future__ import annotations

from typing import Final

from outlast_lab_app import token
from outlast_lab_app.settings import Settings, SettingsError
from outlast_lab_app.stores.store import Kept, ValueTooLarge
from outlast_lab_app.token import Token

LOG_LENGTH: Final = 16
COOKIE_LENGTH_MAX: Final = 4000
"""Browsers drop cookies of more than 4096 bytes, name and attributes included."""


def make(settings: Settings) -> JwtStore:
    """Nothing but the key, which every replica must have alike."""
    return JwtStore(key_of(settings))


def key_of(settings: Settings) -> str:
    """The key to sign with; `SettingsError` when it can be guessed."""
    if len(settings.key) < token.KEY_LENGTH_MIN:
        raise SettingsError(f"OUTLAST_KEY must have at least {token.KEY_LENGTH_MIN} characters.")
    return settings.key


class JwtStore:
    """Every change is a new cookie. The old one stays valid: whoever presents it, is back where it was issued."""

    def __init__(self, key: str) -> None:
        self._key = key

    async def login(self, user: str) -> Kept:
        return self._issued(token.new(user))

    async def read(self, cookie: str, *, with_log: bool) -> Kept | None:
        known = await self._valid(cookie)
        return None if known is None else Kept(known.session)

    async def write(self, cookie: str, value: str) -> Kept | None:
        known = await self._valid(cookie)
        return None if known is None else self._issued(known.changed(lambda session: session.written(value)))

    async def increment(self, cookie: str, attempt: str) -> Kept | None:
        known = await self._valid(cookie)
        if known is None:
            return None
        return self._issued(known.changed(lambda session: session.incremented(attempt, LOG_LENGTH)))

    async def logout(self, cookie: str, *, everywhere: bool) -> bool:
        # The client is told to forget the cookie. That is all that can be done without a list of the ended ones.
        return await self._valid(cookie) is not None

    async def close(self) -> None:
        pass

    async def _valid(self, cookie: str) -> Token | None:
        """The token, if it is one that counts."""
        return token.read(cookie, self._key)

    def _issued(self, issued: Token) -> Kept:
        cookie = token.signed(issued, self._key)
        if len(cookie) > COOKIE_LENGTH_MAX:
            raise ValueTooLarge(f"the session would need a cookie of {len(cookie)} bytes")
        return Kept(issued.session, cookie)

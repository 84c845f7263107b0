"""Sessions in the cookie itself, signed: no server keeps anything, and so none can take a session back."""

from __future__ import annotations

import secrets
from typing import Final

import jwt

from outlast_lab_app.session import Session
from outlast_lab_app.settings import Settings, SettingsError
from outlast_lab_app.stores.store import Kept, ValueTooLarge

ALGORITHM: Final = "HS256"
KEY_LENGTH_MIN: Final = 32
LOG_LENGTH: Final = 16
COOKIE_LENGTH_MAX: Final = 4000
"""Browsers drop cookies of more than 4096 bytes, name and attributes included."""


def make(settings: Settings) -> JwtStore:
    """Nothing but the key, which every replica must have alike."""
    if len(settings.key) < KEY_LENGTH_MIN:
        raise SettingsError(f"OUTLAST_KEY must have at least {KEY_LENGTH_MIN} characters.")
    return JwtStore(settings.key)


class JwtStore:
    """Every change is a new cookie. The old one stays valid: whoever presents it, is back where it was issued."""

    def __init__(self, key: str) -> None:
        self._key = key

    async def login(self, user: str) -> Kept:
        return self._issued(Session(user))

    async def read(self, cookie: str, *, with_log: bool) -> Kept | None:
        session = self._session(cookie)
        return None if session is None else Kept(session)

    async def write(self, cookie: str, value: str) -> Kept | None:
        session = self._session(cookie)
        return None if session is None else self._issued(session.written(value))

    async def increment(self, cookie: str, attempt: str) -> Kept | None:
        session = self._session(cookie)
        return None if session is None else self._issued(session.incremented(attempt, LOG_LENGTH))

    async def logout(self, cookie: str, *, everywhere: bool) -> bool:
        # The client is told to forget the cookie. That is all that can be done without a list of the ended ones.
        return self._session(cookie) is not None

    async def close(self) -> None:
        pass

    def _issued(self, session: Session) -> Kept:
        claims = {
            "user": session.user,
            "value": session.value,
            "counter": session.counter,
            "log": session.log,
            "jti": secrets.token_hex(8),  # two logins of one user within one state are still two cookies
        }
        cookie = jwt.encode(claims, self._key, algorithm=ALGORITHM)
        if len(cookie) > COOKIE_LENGTH_MAX:
            raise ValueTooLarge(f"the session would need a cookie of {len(cookie)} bytes")
        return Kept(session, cookie)

    def _session(self, cookie: str) -> Session | None:
        try:
            claims = jwt.decode(cookie, self._key, algorithms=[ALGORITHM])
        except jwt.InvalidTokenError:
            return None
        return Session(claims["user"], claims["value"], claims["counter"], tuple(claims["log"]))

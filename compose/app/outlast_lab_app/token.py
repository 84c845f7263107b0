"""A session as a signed token: whoever has the key reads it, and nobody without the key makes one."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import jwt

from outlast_lab_app.session import Session

ALGORITHM: Final = "HS256"
KEY_LENGTH_MIN: Final = 32


@dataclass(frozen=True, slots=True)
class Token:
    """The session as it was when the token was made; `login` is the same in all tokens of one login, `since` is when
    that was, in seconds of the wall clock."""

    session: Session
    login: str
    since: float

    def changed(self, change: Callable[[Session], Session]) -> Token:
        """Another state of the same login."""
        return replace(self, session=change(self.session))


def new(user: str) -> Token:
    """The first token of a login."""
    return Token(Session(user), secrets.token_hex(16), time.time())


def signed(token: Token, key: str) -> str:
    """Token -> cookie."""
    session = token.session
    claims = {
        "user": session.user,
        "value": session.value,
        "counter": session.counter,
        "log": session.log,
        "login": token.login,
        "since": token.since,
    }
    return jwt.encode(claims, key, algorithm=ALGORITHM)


def read(cookie: str, key: str) -> Token | None:
    """Cookie -> token; None when it was not signed with that key."""
    try:
        claims = jwt.decode(cookie, key, algorithms=[ALGORITHM])
    except jwt.InvalidTokenError:
        return None
    session = Session(claims["user"], claims["value"], claims["counter"], tuple(claims["log"]))
    return Token(session, claims["login"], claims["since"])

"""Sessions in this process's memory: they die with it, and no other replica ever sees them."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable

from outlast_lab_app.session import Session
from outlast_lab_app.settings import Settings
from outlast_lab_app.stores.store import Kept


def make(settings: Settings) -> MemoryStore:
    """An empty store."""
    return MemoryStore("x" * settings.session_bytes)


def unguessable() -> str:
    """A cookie that says nothing."""
    return secrets.token_urlsafe(24)


class MemoryStore:
    """A dict. Nothing here waits, so the one event loop runs each verb as a whole: no lock is needed."""

    def __init__(self, ballast: str = "", new_cookie: Callable[[], str] = unguessable) -> None:
        self._ballast = ballast
        self._new_cookie = new_cookie
        self._sessions: dict[str, Session] = {}
        self._cookies_of: defaultdict[str, set[str]] = defaultdict(set)

    async def login(self, user: str) -> Kept:
        cookie = self._new_cookie()
        self._sessions[cookie] = Session(user, ballast=self._ballast)
        self._cookies_of[user].add(cookie)
        return Kept(self._sessions[cookie], cookie)

    async def read(self, cookie: str, *, with_log: bool) -> Kept | None:
        session = self._sessions.get(cookie)
        return None if session is None else Kept(session)

    async def write(self, cookie: str, value: str) -> Kept | None:
        session = self._sessions.get(cookie)
        return None if session is None else self._keep(cookie, session.written(value))

    async def increment(self, cookie: str, attempt: str) -> Kept | None:
        session = self._sessions.get(cookie)
        return None if session is None else self._keep(cookie, session.incremented(attempt))

    async def logout(self, cookie: str, *, everywhere: bool) -> bool:
        session = self._sessions.get(cookie)
        if session is None:
            return False
        cookies = self._cookies_of[session.user]
        for ended in list(cookies) if everywhere else [cookie]:
            cookies.discard(ended)
            del self._sessions[ended]
        if not cookies:
            del self._cookies_of[session.user]
        return True

    async def close(self) -> None:
        pass

    def _keep(self, cookie: str, session: Session) -> Kept:
        self._sessions[cookie] = session
        return Kept(session)

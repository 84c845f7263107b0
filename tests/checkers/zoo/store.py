"""The store that has no bug; each bug of the zoo is a small change of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from outlast.history.operation import Kind, Outcome, Seen

if TYPE_CHECKING:
    from tests.checkers.zoo.world import World


@dataclass(frozen=True)
class Request:
    """What a user asks for, under which cookie."""

    kind: Kind
    cookie: str | None = None
    user: str | None = None
    token: str | None = None
    attempt: str | None = None


@dataclass(frozen=True)
class Answer:
    """What the store says; cookie "" deletes the user's cookie, None leaves it alone."""

    outcome: Outcome = Outcome.OK
    seen: Seen | None = Seen.ALIVE
    user: str | None = None
    value: str | None = None
    counter: int | None = None
    effects: tuple[str, ...] | None = None
    cookie: str | None = None


Reply = Callable[[Answer], None]


@dataclass(frozen=True)
class Session:
    """One session as it is stored. used_ms: when it was last used; made_ms: when it was made."""

    user: str
    value: str | None = None
    log: tuple[str, ...] = ()
    made_ms: float = 0.0
    used_ms: float = 0.0


class Store:
    """Each request takes effect at once and as a whole, and is answered after that."""

    expected = ""
    """The anomaly that a bug must be caught as."""
    ttl_ms: float | None = None
    world: World

    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}
        self._cookies = itertools.count(1)

    def handle(self, request: Request, reply: Reply) -> None:
        """A request arrives."""
        reply(self.perform(request))

    def perform(self, request: Request) -> Answer:
        """It takes effect."""
        if request.kind is Kind.LOGIN:
            return self.log_in(request)
        session = self.find(request.cookie)
        if session is None or request.cookie is None:
            return self.nobody(request)
        if request.kind is Kind.LOGOUT:
            return self.log_out(request.cookie)
        changed = self.changed(session, request)
        self.keep(request.cookie, changed)
        return self.tell(changed)

    def log_in(self, request: Request) -> Answer:
        """A new session under a new cookie."""
        cookie = f"c{next(self._cookies)}"
        now = self.world.now_ms
        self.keep(cookie, Session(user=request.user or "", made_ms=now, used_ms=now))
        return Answer(user=request.user, cookie=cookie)

    def log_out(self, cookie: str) -> Answer:
        """The session is gone."""
        del self.sessions[cookie]
        return Answer(seen=None, cookie="")

    def find(self, cookie: str | None) -> Session | None:
        """The session of a cookie, unless it is gone or too old."""
        session = self.sessions.get(cookie or "")
        if session is not None and self.expired(session):
            del self.sessions[cookie or ""]
            return None
        return session

    def expired(self, session: Session) -> bool:
        """Not used for as long as it lives."""
        return self.ttl_ms is not None and self.world.now_ms - session.used_ms >= self.ttl_ms

    def keep(self, cookie: str, session: Session) -> None:
        """Store it."""
        self.sessions[cookie] = session

    def changed(self, session: Session, request: Request) -> Session:
        """The session after a read, a write or an increment."""
        session = replace(session, used_ms=self.world.now_ms)
        if request.kind is Kind.WRITE:
            return replace(session, value=request.token)
        if request.kind is Kind.INCREMENT:
            return replace(session, log=(*session.log, request.attempt or ""))
        return session

    def tell(self, session: Session) -> Answer:
        """What a user may know of it."""
        return Answer(user=session.user, value=session.value, counter=len(session.log), effects=session.log)

    def nobody(self, request: Request) -> Answer:
        """There is no such session."""
        return Answer(outcome=Outcome.FAIL, seen=Seen.ANONYMOUS)

    def restart(self) -> None:
        """Everything is on disk."""

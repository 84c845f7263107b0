"""Fourteen bugs that session stores really have, each with the name it must be caught under."""

from __future__ import annotations

from dataclasses import replace

from tests.checkers.zoo.store import Answer, Reply, Request, Session, Store

from outlast.history.operation import Kind, Seen


class ForgetsOnRestart(Store):
    """Sessions in memory."""

    expected = "lost-session"

    def restart(self) -> None:
        """Empty again."""
        self.sessions.clear()


class LosesTheLast300Ms(Store):
    """A disk that is written to from time to time, or a replica that lags behind its dead primary."""

    expected = "lost-write"

    def __init__(self) -> None:
        super().__init__()
        self._written: list[tuple[float, str, Session | None]] = []

    def keep(self, cookie: str, session: Session) -> None:
        """In memory now, on disk later."""
        self._written.append((self.world.now_ms, cookie, self.sessions.get(cookie)))
        super().keep(cookie, session)

    def restart(self) -> None:
        """Take back what was not on disk yet."""
        for when, cookie, before in reversed(self._written):
            if when >= self.world.now_ms - 300:
                if before is None:
                    self.sessions.pop(cookie, None)
                elif cookie in self.sessions:
                    self.sessions[cookie] = before


class RepliesBeforeStoring(Store):
    """The answer is on its way before the write is."""

    expected = "stale-read"

    def handle(self, request: Request, reply: Reply) -> None:
        """A write takes effect 40 ms after its answer."""
        if request.kind is Kind.WRITE and (session := self.find(request.cookie)):
            reply(replace(self.tell(session), value=request.token))
            self.world.after(40, lambda: self.perform(request))
        else:
            super().handle(request, reply)


class StaleReplicaReads(Store):
    """Reads go to a copy that is 80 ms behind."""

    expected = "stale-read"

    def __init__(self) -> None:
        super().__init__()
        self._copy: dict[str, Session] = {}

    def keep(self, cookie: str, session: Session) -> None:
        """The copy learns of it later."""
        super().keep(cookie, session)
        self.world.after(80 if cookie in self._copy else 0, lambda: self._copy.__setitem__(cookie, session))

    def perform(self, request: Request) -> Answer:
        """Every other read asks the copy."""
        if request.kind is Kind.READ and self.find(request.cookie) and self.world.dice.random() < 0.5:
            return self.tell(self._copy.get(request.cookie or "", self.sessions[request.cookie or ""]))
        return super().perform(request)


class WritesBackWhatItRead(Store):
    """A session library that saves the whole session at the end of every request, even of one that only read."""

    expected = "lost-update"

    def handle(self, request: Request, reply: Reply) -> None:
        """A slow read puts back the session as it was when it began."""
        session = self.find(request.cookie)
        if request.kind is Kind.READ and session and request.cookie and self.world.dice.random() < 0.3:
            before, cookie = session, request.cookie

            def save() -> None:
                if cookie in self.sessions:
                    self.sessions[cookie] = before
                reply(self.tell(before))

            self.world.after(60, save)
        else:
            super().handle(request, reply)


class IncrementsInTwoSteps(Store):
    """Read, add one, write: two at a time lose one."""

    expected = "lost-update"

    def handle(self, request: Request, reply: Reply) -> None:
        """25 ms lie between reading and writing."""
        session = self.find(request.cookie)
        if request.kind is Kind.INCREMENT and session and request.cookie:
            changed, cookie = self.changed(session, request), request.cookie

            def save() -> None:
                if cookie in self.sessions:
                    self.sessions[cookie] = replace(changed, value=self.sessions[cookie].value)
                reply(self.tell(changed))

            self.world.after(25, save)
        else:
            super().handle(request, reply)


class RetriesWhatWasDone(Store):
    """A balancer that sends a request again, though the first one took effect."""

    expected = "duplicate-execution"

    def perform(self, request: Request) -> Answer:
        """One increment in ten is executed twice."""
        if request.kind is Kind.INCREMENT and self.world.dice.random() < 0.1:
            super().perform(request)
        return super().perform(request)


class LogoutUndoneBySlowWriter(Store):
    """A slow request saves its session again after the logout that ended it."""

    expected = "resurrected-session"

    def handle(self, request: Request, reply: Reply) -> None:
        """Half of the logouts overlap a request that is saved 30 ms later."""
        session = self.find(request.cookie)
        super().handle(request, reply)
        if request.kind is Kind.LOGOUT and session and request.cookie and self.world.dice.random() < 0.9:
            cookie, before = request.cookie, session
            self.world.after(30, lambda: self.sessions.__setitem__(cookie, before))


class BlockListLost(Store):
    """Stateless tokens: a logout is remembered in a list, and the list in memory."""

    expected = "resurrected-session"

    def __init__(self) -> None:
        super().__init__()
        self._blocked: set[str] = set()

    def log_out(self, cookie: str) -> Answer:
        """The token stays valid but for the list."""
        self._blocked.add(cookie)
        return Answer(seen=None, cookie="")

    def find(self, cookie: str | None) -> Session | None:
        """Unless it is on the list."""
        return None if cookie in self._blocked else super().find(cookie)

    def restart(self) -> None:
        """The list is gone."""
        self._blocked.clear()


class SwapsSessions(Store):
    """Two users get each other's session: a cache without `Vary: Cookie`, a pool that mixes connections up."""

    expected = "session-leak"

    def perform(self, request: Request) -> Answer:
        """One read in twenty answers with somebody's session."""
        if request.kind is Kind.READ and self.find(request.cookie) and self.world.dice.random() < 0.05:
            return self.tell(self.world.dice.choice(list(self.sessions.values())))
        return super().perform(request)


class ReissuesTheCookie(Store):
    """The store is away for a moment, and the framework gives everybody who asks a new empty session."""

    expected = "client-evicted"

    def perform(self, request: Request) -> Answer:
        """For 200 ms after the restart nobody is known, and everybody gets a new cookie."""
        since = self.world.now_ms - RESTARTED_MS
        if request.kind is not Kind.LOGIN and 0 <= since < 200 and request.cookie in self.sessions:
            return Answer(seen=Seen.RECREATED, cookie=self.log_in(replace(request, user="")).cookie)
        return super().perform(request)

    def tell(self, session: Session) -> Answer:
        """The new session is nobody's."""
        return super().tell(session) if session.user else Answer(seen=Seen.ANONYMOUS)


class ExpiresTooEarly(Store):
    """It says 600 ms and means 250."""

    expected = "premature-expiry"
    ttl_ms = 250.0


class RefreshesWhatItShouldNot(Store):
    """It says that a session lives for 600 ms after login, but every use makes it live on."""

    expected = "late-expiry"
    ttl_ms = 600.0


class SplitsItsBrain(Store):
    """After the restart two nodes take each other for dead: each goes on with its own copy."""

    expected = "split-brain"

    def __init__(self) -> None:
        super().__init__()
        self._other: dict[str, Session] | None = None

    def perform(self, request: Request) -> Answer:
        """Every other request meets the other node."""
        if self._other is None or request.kind is Kind.LOGIN or self.world.dice.random() < 0.5:
            return super().perform(request)
        mine, self.sessions = self.sessions, self._other
        try:
            return super().perform(request)
        finally:
            self._other, self.sessions = self.sessions, mine

    def restart(self) -> None:
        """Two copies from now on."""
        self._other = dict(self.sessions)


RESTARTED_MS = 1500
BUGS = (
    ForgetsOnRestart, LosesTheLast300Ms, RepliesBeforeStoring, StaleReplicaReads, WritesBackWhatItRead,
    IncrementsInTwoSteps, RetriesWhatWasDone, LogoutUndoneBySlowWriter, BlockListLost, SwapsSessions, ReissuesTheCookie,
    ExpiresTooEarly, RefreshesWhatItShouldNot, SplitsItsBrain,
)  # fmt: skip

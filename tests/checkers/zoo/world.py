"""A simulated world in which a few users use a store for a few seconds: deterministic in its seed, and quick."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

from tests.checkers.zoo.store import Answer, Request, Store

from outlast.history.columns import Columns
from outlast.history.history import FaultWindow, Header, History, Phase, PhaseName
from outlast.history.operation import Cookie, Jar, Kind, Operation, Outcome, Seen

MS = 1_000_000
RESTART_MS, AUDIT_MS = 1500, 3000
PATIENCE_MS = 400.0
"""How long a user waits for an answer."""


@dataclass
class User:
    """One login: what a browser holds, and what a careful client would keep."""

    session: str
    name: str
    browser: str | None = None
    kept: str | None = None
    alive: bool = True


@dataclass
class World:
    """Time goes on by events; `store` is what is under test."""

    store: Store
    seed: int
    sessions: int = 12
    think_ms: float = 60.0
    clients: int = 2
    header: Header = field(default_factory=Header)
    now_ms: float = 0.0
    operations: list[Operation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._clients = itertools.count(1)
        self.users = [User(f"s{i}", f"user {i}") for i in range(self.sessions)]

    def at(self, when_ms: float, what: Callable[[], None]) -> None:
        """Do something at an instant."""
        heapq.heappush(self._events, (when_ms, next(self._numbers), what))

    def after(self, delay_ms: float, what: Callable[[], None]) -> None:
        """Do something a little later."""
        self.at(self.now_ms + delay_ms, what)

    def history(self) -> History:
        """Run it all: users come, use, some log out; the store is restarted once; everybody is asked again."""
        self.store.world = self
        for user in self.users:
            self.at(self.dice.uniform(0, 200), self._logging_in(user))
        self.at(RESTART_MS, self.store.restart)
        for place, user in enumerate(self.users):
            self.at(AUDIT_MS + 20 * place, self._auditing(user))
        while self._events:
            self.now_ms, _, what = heapq.heappop(self._events)
            what()
        phases = (
            Phase(PhaseName.LOAD, 0, AUDIT_MS * MS),
            Phase(PhaseName.AUDIT, AUDIT_MS * MS, round(self.now_ms * MS)),
        )
        onset = round(RESTART_MS * MS)
        fault = FaultWindow(name="restart", nodes=("store",), start_ns=onset, end_ns=onset, proven=True, healed=True)
        return History(
            replace(self.header, seed=self.seed, phases=phases, faults=(fault,)), Columns.of(self.operations)
        )

    def _logging_in(self, user: User) -> Callable[[], None]:
        def log_in() -> None:
            self._ask(user, next(self._clients), Request(kind=Kind.LOGIN, user=user.name), Jar.BROWSER, started)

        def started(answer: Answer | None) -> None:
            if answer is not None:
                for _ in range(self.clients):
                    self.after(self.dice.uniform(0, self.think_ms), self._using(user, next(self._clients)))

        return log_in

    def _using(self, user: User, client: int) -> Callable[[], None]:
        def use() -> None:
            if self.now_ms < AUDIT_MS - PATIENCE_MS and user.alive:
                self._ask(user, client, self._wish(user), Jar.BROWSER, again)

        def again(answer: Answer | None) -> None:
            number = client if answer is not None else next(self._clients)
            self.after(self.dice.uniform(0, 2 * self.think_ms), self._using(user, number))

        return use

    def _wish(self, user: User) -> Request:
        number = next(self._numbers)
        if self.now_ms > 800 and self.dice.random() < 0.04:
            user.alive = False
            return Request(kind=Kind.LOGOUT)
        kind = self.dice.choice((Kind.READ, Kind.READ, Kind.WRITE, Kind.INCREMENT))
        return Request(
            kind=kind,
            token=f"t{number}" if kind is Kind.WRITE else None,
            attempt=f"a{number}" if kind is Kind.INCREMENT else None,
        )

    def _auditing(self, user: User) -> Callable[[], None]:
        def audit() -> None:
            def kept(_: Answer | None) -> None:
                self._ask(user, next(self._clients), Request(kind=Kind.READ), Jar.KEPT, lambda _: None)

            self._ask(user, next(self._clients), Request(kind=Kind.READ), Jar.BROWSER, kept)

        return audit

    def _ask(self, user: User, client: int, request: Request, jar: Jar, then: Callable[[Answer | None], None]) -> None:
        """Send a request; what comes back, or does not in time, is recorded as one operation."""
        cookie = user.browser if jar is Jar.BROWSER else user.kept
        invoked, lost = self.now_ms, jar is Jar.BROWSER and self.now_ms < AUDIT_MS and self.dice.random() < 0.02
        open_ = [True]

        def reply(answer: Answer) -> None:
            if not lost:
                self.after(self.dice.uniform(0.5, 4), lambda: finish(answer))

        def finish(answer: Answer | None) -> None:
            if open_[0]:
                open_[0] = False
                self._record(user, client, request, jar, invoked, answer)
                then(answer)

        if not lost or self.dice.random() < 0.5:
            self.after(self.dice.uniform(0.5, 4), lambda: self.store.handle(replace(request, cookie=cookie), reply))
        self.after(PATIENCE_MS, lambda: finish(None))

    def _record(
        self, user: User, client: int, request: Request, jar: Jar, invoked_ms: float, answer: Answer | None
    ) -> None:
        told = Operation(
            op=request.kind,
            session=user.session,
            client=client,
            invoked_ns=round(invoked_ms * MS),
            returned_ns=round(self.now_ms * MS),
            outcome=Outcome.UNKNOWN,
            value=request.token,
            attempt=request.attempt,
            user=user.name if request.kind is Kind.LOGIN else None,
            jar=jar,
        )
        if answer is not None:
            done = Cookie.KEPT if answer.cookie is None else Cookie.DELETED if answer.cookie == "" else Cookie.REPLACED
            told = replace(told, outcome=answer.outcome, seen=answer.seen, cookie=done)
            if request.kind is Kind.LOGIN:
                told = replace(told, seen=None, cookie=Cookie.KEPT)
            elif answer.seen is Seen.ALIVE:
                told = replace(told, user=answer.user, counter=answer.counter)
                if request.kind is Kind.READ:
                    told = replace(told, value=answer.value, has_value=True, effects=answer.effects)
            if answer.cookie is not None and jar is Jar.BROWSER:
                user.browser = answer.cookie or None
            if answer.outcome is Outcome.OK and answer.seen is Seen.ALIVE and jar is Jar.BROWSER:
                user.kept = user.browser
            if request.kind is Kind.LOGIN:
                user.kept = user.browser
        self.operations.append(told)

"""Who asks for what, when, and at which instant it takes effect: the operations of one user's sessions, unanswered."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import log
from random import Random

from tests.checkers.valid.setting import GAP_NS, Setting

from outlast.history.operation import VIA_BALANCER, Jar, Kind, Outcome, Scope

NOT_AT_ALL = float("inf")
_WISHES = (Kind.READ,) * 9 + (Kind.WRITE,) * 5 + (Kind.INCREMENT,) * 5 + (Kind.ASSET,)


@dataclass(slots=True, kw_only=True)
class Plan:
    """One operation. point: when it takes effect; skew_ns: by how much the clock of its client is off."""

    kind: Kind
    session: int
    client: int
    inv: int
    ret: int | None
    point: float
    outcome: Outcome = Outcome.OK
    skew_ns: int = 0
    attempt: int | None = None
    token: int | None = None
    scope: Scope = Scope.SESSION
    jar: Jar = Jar.BROWSER
    via: str = VIA_BALANCER
    told: dict[str, object] = field(default_factory=dict)


class Planner:
    """Draws plans; numbers of clients, tokens and attempts are unique in the history."""

    def __init__(self, dice: Random, setting: Setting) -> None:
        self._dice, self._setting = dice, setting
        self._numbers = itertools.count(1)
        self._random = dice.random

    def session(self, session: int) -> Iterator[Plan]:
        """A login; then, unless that failed, a few clients that use it; and the audit."""
        dice, setting = self._dice, self._setting
        start = self._coarse(dice.random() * setting.duration_ns * 0.4)
        outcome = dice.choices((Outcome.OK, Outcome.UNKNOWN, Outcome.FAIL), (94, 3, 3))[0]
        login = self._plan(Kind.LOGIN, session, next(self._numbers), start, 0, outcome)
        yield login
        if outcome is Outcome.OK and login.ret is not None:
            each = max(1, setting.length // setting.clients)
            for _ in range(setting.clients):
                yield from self._client(session, login.ret, each)
            yield from self._streamed(session, login.ret)
        yield from self._audit(session)

    def _client(self, session: int, now: int, count: int) -> Iterator[Plan]:
        dice, setting = self._dice, self._setting
        client, skew, random = next(self._numbers), self._skew(), self._random
        before: Plan | None = None
        keyed = session % 100 < 100 * setting.keyed
        for _ in range(count):
            now = self._coarse(now + self._thinking())
            kind = Kind.LOGOUT if random() < setting.logouts else _WISHES[int(random() * len(_WISHES))]
            again = before is not None and before.attempt is not None and random() < setting.retried
            if again and before is not None:
                kind = before.kind
            plan = self._plan(kind, session, client, now, skew, self._outcome(now))
            if again and before is not None:
                plan.attempt, plan.token = before.attempt, before.token
            elif (kind is Kind.INCREMENT and keyed) or (kind is Kind.WRITE and keyed and setting.writes_logged):
                plan.attempt = next(self._numbers)
            if kind is Kind.WRITE and (not again or plan.token is None):
                plan.token = next(self._numbers)
            if kind is Kind.LOGOUT and dice.random() < 0.3:
                plan.scope = Scope.USER
            if kind is Kind.READ and random() < 0.02:
                plan.via = dice.choice(("replica:app-0", "store"))
            before = plan if kind is Kind.INCREMENT else None
            yield plan
            now = plan.inv + GAP_NS if plan.ret is None else plan.ret
            if plan.outcome is Outcome.UNKNOWN:
                client = next(self._numbers)

    def _streamed(self, session: int, now: int) -> Iterator[Plan]:
        """A few pieces of one stream, each from where the last one that came ended."""
        client, reached = next(self._numbers), 0
        for _ in range(self._dice.choice((0, 0, 3))):
            plan = self._plan(Kind.STREAM, session, client, now, 0, self._outcome(now))
            if plan.outcome is Outcome.OK:
                piece = self._dice.randint(0, 9)
                plan.told = {"path": "/feed", "from_offset": reached, "to_offset": reached + piece}
                reached += piece
            yield plan
            now, client = (plan.ret or now) + GAP_NS, next(self._numbers)

    def _audit(self, session: int) -> Iterator[Plan]:
        """Asked by the browser's cookie, then by the kept one; both are answered."""
        start = self._coarse(self._setting.duration_ns * 4 + self._dice.random() * self._setting.duration_ns)
        for jar in Jar:
            plan = self._plan(Kind.READ, session, next(self._numbers), start, 0, Outcome.OK)
            plan.jar = jar
            yield plan
            start = plan.ret or start

    def _plan(self, kind: Kind, session: int, client: int, inv: int, skew: int, outcome: Outcome) -> Plan:
        dice = self._dice
        length = self._coarse(self._waiting(GAP_NS / 1.5))
        ret: int | None = inv + length
        point: float = inv + dice.random() * length
        if outcome is Outcome.UNKNOWN:
            if dice.random() < 0.4:
                point = NOT_AT_ALL
            elif dice.random() < self._setting.late:
                point = inv + length + self._waiting(10 * GAP_NS)
        if outcome is not Outcome.OK and dice.random() < 0.3:
            ret = None
        return Plan(
            kind=kind, session=session, client=client, inv=inv, ret=ret, point=point, outcome=outcome, skew_ns=skew
        )

    def _outcome(self, now: int) -> Outcome:
        """In an outage most requests fail, one way or the other."""
        dice, setting = self._dice, self._setting
        out = setting.outage[0] <= now < setting.outage[1]
        draw = dice.random()
        if draw < (0.4 if out else setting.unknown):
            return Outcome.UNKNOWN
        return Outcome.FAIL if draw > (0.7 if out else 1 - setting.failed) else Outcome.OK

    def _thinking(self) -> float:
        """Now and then long enough for a session to expire, often not at all."""
        dice, ttl_s = self._dice, self._setting.header.ttl_s
        if ttl_s is not None and dice.random() < self._setting.pauses:
            return dice.uniform(0.5, 2) * ttl_s * 1e9
        return 0.0 if dice.random() < 0.1 else self._waiting(GAP_NS)

    def _skew(self) -> int:
        error = self._setting.header.clock_error_ns
        return self._dice.randint(-error, error)

    def _waiting(self, mean_ns: float) -> float:
        """Exponentially distributed."""
        return -log(1.0 - self._random()) * mean_ns

    def _coarse(self, instant: float) -> int:
        return int(instant // self._setting.quantum_ns) * self._setting.quantum_ns

"""A linearizable store of one user's sessions: each plan takes effect at its instant and as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from tests.checkers.valid.plan import NOT_AT_ALL, Plan
from tests.checkers.valid.setting import Setting

from outlast.history.history import Refresh
from outlast.history.operation import VIA_BALANCER, Cookie, Kind, Outcome, Scope, Seen

ELSEWHERE = 0
"""The token of a value that no session holds."""
_STORING = (Kind.LOGIN, Kind.WRITE, Kind.INCREMENT)


@dataclass(slots=True)
class Stored:
    """One session. results: what each attempt was told when it was executed."""

    ends: float
    value: int | None = None
    counter: int = 0
    log: list[int] = field(default_factory=list)
    results: dict[int, int] = field(default_factory=dict)


class ValidStore:
    """Plans are handed to it in the order in which they take effect; it writes into them what they are told."""

    def __init__(self, dice: Random, setting: Setting, user: int) -> None:
        self._dice, self._setting, self._user = dice, setting, user
        self._live: dict[int, Stored] = {}  # the oldest first
        header = setting.header
        self._ttl = None if header.ttl_s is None else round(header.ttl_s * 1e9)
        self._fine = round(header.granularity_s * 1e9)

    def run(self, plans: Iterable[Plan]) -> None:
        """All of them."""
        for plan in sorted((p for p in plans if p.point != NOT_AT_ALL), key=lambda p: p.point):
            if plan.kind is Kind.STREAM:
                continue
            if plan.kind is Kind.ASSET:
                plan.told = {"status": 200, "path": "/style.css"} if plan.outcome is Outcome.OK else {}
            elif plan.kind is Kind.LOGIN:
                self._log_in(plan)
            elif plan.via != VIA_BALANCER:
                plan.told = {"value": self._dice.choice((None, ELSEWHERE)), "has_value": True, "counter": 7}
            else:
                self._use(plan)

    def _log_in(self, plan: Plan) -> None:
        if plan.outcome is Outcome.FAIL:
            return
        self._live[plan.session] = Stored(self._end(plan.point))
        most = self._setting.header.max_sessions_per_user
        self._live = {name: stored for name, stored in self._live.items() if stored.ends > plan.point}
        while most is not None and len(self._live) > most:
            del self._live[next(iter(self._live))]

    def _use(self, plan: Plan) -> None:
        stored = self._live.get(plan.session)
        if stored is not None and stored.ends <= plan.point:
            del self._live[plan.session]
            stored = None
        if plan.outcome is Outcome.FAIL:
            self._refused(plan, stored)
        elif stored is None:
            self._nobody(plan)
        elif plan.kind is Kind.LOGOUT:
            self._log_out(plan)
        else:
            self._serve(plan, stored)

    def _refused(self, plan: Plan, stored: Stored | None) -> None:
        """By the balancer, or by the app, which knows whose session it is."""
        if self._dice.random() < 0.5 or plan.ret is None:
            plan.told = {"status": 503}
        elif stored is None:
            plan.told = {"status": 401, "seen": Seen.ANONYMOUS, "cookie": self._dice.choice(tuple(Cookie))}
        else:
            plan.told = {"status": 409, "seen": Seen.ALIVE}

    def _nobody(self, plan: Plan) -> None:
        """An app may say so with a 401 or with a page for strangers, and may put a new session in its place."""
        if plan.outcome is Outcome.UNKNOWN:
            return
        if plan.kind is Kind.LOGOUT and plan.scope is Scope.SESSION:
            return
        if self._dice.random() < 0.5 and plan.ret is not None:
            plan.outcome = Outcome.FAIL
        plan.told = {
            "seen": self._dice.choice((Seen.ANONYMOUS, Seen.ANONYMOUS, Seen.RECREATED)),
            "cookie": self._dice.choice(tuple(Cookie)),
        }
        if plan.kind is Kind.READ and self._dice.random() < 0.3:  # of a session that is not this one: it does not count
            plan.told |= {"value": None, "has_value": True, "counter": 0}

    def _log_out(self, plan: Plan) -> None:
        if plan.scope is Scope.USER:
            self._live.clear()
        else:
            del self._live[plan.session]
        if plan.outcome is Outcome.OK:
            plan.told = {"cookie": Cookie.DELETED}

    def _serve(self, plan: Plan, stored: Stored) -> None:
        setting, dice = self._setting, self._dice
        if self._refreshes(plan):
            stored.ends = self._end(plan.point)
        result = self._change(plan, stored)
        if plan.outcome is not Outcome.OK:
            return
        told: dict[str, object] = {}
        if dice.random() < 0.9:
            told["seen"] = Seen.ALIVE
        if dice.random() < setting.told:
            told["user"] = self._user
        if plan.kind is Kind.INCREMENT and dice.random() >= setting.blind:
            told["counter"] = result
        if plan.kind is Kind.READ:
            if dice.random() < setting.told:
                told |= {"value": stored.value, "has_value": True}
            if dice.random() < setting.told:
                told["counter"] = stored.counter
            if stored.log and dice.random() < 0.3:
                start = max(0, len(stored.log) - setting.log_length)
                told |= {"effects": tuple(stored.log[start:]), "effects_offset": start}
        plan.told = told

    def _change(self, plan: Plan, stored: Stored) -> int:
        """An attempt that was executed before is not executed again."""
        if plan.attempt is not None and plan.attempt in stored.results:
            return stored.results[plan.attempt] if self._setting.stored_reply else stored.counter
        if plan.kind is Kind.WRITE:
            stored.value = plan.token
        if plan.kind is Kind.INCREMENT:
            stored.counter += 1
        if plan.attempt is not None:
            stored.log.append(plan.attempt)
            stored.results[plan.attempt] = stored.counter
        return stored.counter

    def _refreshes(self, plan: Plan) -> bool:
        refresh = self._setting.header.ttl_refresh
        return refresh is Refresh.ACCESS or (refresh is Refresh.WRITE and plan.kind in _STORING)

    def _end(self, now: float) -> float:
        if self._ttl is None:
            return NOT_AT_ALL
        return now + self._ttl + self._dice.uniform(-self._fine, self._fine)

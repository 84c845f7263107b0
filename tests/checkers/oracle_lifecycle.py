"""The lifecycle, twice: by trying every instant at which the session can have begun and ended, and rule by rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from outlast.history.history import Header, Refresh
from outlast.history.operation import VIA_BALANCER, Cookie, Jar, Kind, Operation, Outcome, Scope, Seen

INFINITY = 10**15


@dataclass(frozen=True)
class Span:
    """An operation and its widened interval."""

    o: Operation
    inv: int
    ret: int

    @property
    def telling(self) -> bool:
        """An answer through the balancer; a login's own answer shows what was made, not what was kept."""
        o = self.o
        answered = o.outcome is not Outcome.UNKNOWN and o.returned_ns is not None
        return answered and o.via == VIA_BALANCER and o.op is not Kind.LOGIN

    @property
    def alive(self) -> bool:
        """A judged answer that saw it alive."""
        return self.telling and self.o.seen is Seen.ALIVE

    @property
    def gone(self) -> bool:
        """A judged answer that did not find it."""
        return self.telling and self.o.seen in (Seen.ANONYMOUS, Seen.RECREATED)

    @property
    def login_ok(self) -> bool:
        """Acknowledged through the balancer."""
        return self.o.op is Kind.LOGIN and self.o.outcome is Outcome.OK and self.o.via == VIA_BALANCER


def spans(operations: Sequence[Operation], error: int) -> list[Span]:
    """Operations -> with their intervals; the return of an unknown outcome is infinite."""
    return [
        Span(
            o,
            o.invoked_ns - error,
            INFINITY if o.returned_ns is None or o.outcome is Outcome.UNKNOWN else o.returned_ns + error,
        )
        for o in operations
    ]


def life_is_legal(session: Sequence[Operation], error: int = 0) -> bool:
    """One session without expiry and eviction -> whether it can have ended at most once, by a logout.

    Tries every death, at every instant and between any two. It was born by the first proof of life at the latest; an
    answer that began by then may have come too early.
    """
    mine = spans(session, error)
    instants = sorted({t * 2 for s in mine for t in (s.inv, s.ret) if t < INFINITY})
    tries = [t + d for t in instants for d in (-1, 0, 1)]
    logouts = [s for s in mine if s.o.op is Kind.LOGOUT and s.o.outcome is not Outcome.FAIL]
    sure = [s for s in logouts if s.o.outcome is Outcome.OK and s.o.via == VIA_BALANCER]
    birth = min((2 * s.ret for s in mine if s.alive or s.login_ok), default=INFINITY * 3)
    if any(s.alive for s in mine) and not any(s.o.op is Kind.LOGIN for s in mine):
        birth = -INFINITY * 3
    deaths = [*[t for t in tries if any(2 * s.inv <= t for s in logouts)], INFINITY * 3]
    return any(
        all(death <= 2 * s.ret for s in sure)
        and all(2 * s.inv <= death for s in mine if s.alive)
        and all(2 * s.inv <= birth or death <= 2 * s.ret for s in mine if s.gone)
        for death in deaths
    )


def names_by_rule(session: Sequence[Operation], everything: Sequence[Operation], header: Header) -> set[str]:
    """One session and the whole history -> what judge.md 3 calls wrong with it, rule by rule."""
    error = header.clock_error_ns
    mine, all_spans = spans(session, error), spans(everything, error)
    user = {o.session: o.user for o in reversed(everything) if o.op is Kind.LOGIN and o.outcome is not Outcome.FAIL}
    me, my_user = session[0].session, user.get(session[0].session)
    logins = [s for s in mine if s.o.op is Kind.LOGIN and s.o.outcome is not Outcome.FAIL]
    login_inv = min((s.inv for s in logins), default=-INFINITY)
    login_ret = min((s.ret for s in logins if s.login_ok), default=INFINITY)
    logouts = [s for s in mine if s.o.op is Kind.LOGOUT and s.o.outcome is not Outcome.FAIL]
    everywhere = [
        s
        for s in all_spans
        if s.o.op is Kind.LOGOUT and s.o.scope is Scope.USER and s.o.outcome is not Outcome.FAIL and s.o.session != me
        and my_user is not None and (user.get(s.o.session) or s.o.user) == my_user and s.ret >= login_inv
    ]  # fmt: skip
    may_end = [*logouts, *everywhere]
    surely = [s for s in logouts if s.o.outcome is Outcome.OK and s.o.via == VIA_BALANCER]
    surely += [
        s for s in everywhere
        if s.o.outcome is Outcome.OK and s.o.via == VIA_BALANCER and not s.gone and login_ret < s.inv
    ]  # fmt: skip
    alive = [s for s in mine if s.alive]
    born = min((s.ret for s in mine if s.alive or s.login_ok), default=INFINITY)
    if alive and not any(s.o.op is Kind.LOGIN for s in mine):
        born = -INFINITY
    gone = [s for s in mine if s.gone and s.inv > born]
    last = max((s.inv for s in alive), default=-INFINITY)
    names: set[str] = set()

    def logged_out(g: Span) -> bool:
        return any(s.inv <= g.ret for s in may_end)

    if any(s.ret < last for s in surely) or any(g.ret < last and logged_out(g) for g in gone):
        names.add("resurrected-session")
    by_browser = max((s.inv for s in alive if s.o.jar is Jar.BROWSER), default=-INFINITY)
    back = [g for g in gone if not logged_out(g) and g.ret < last]
    evicting = [
        g for g in back if g.o.cookie is not Cookie.KEPT and g.o.jar is Jar.BROWSER and g.ret >= by_browser
    ]  # fmt: skip
    if evicting:
        names.add("client-evicted")
    if any(g.ret < by_browser for g in back) or (back and not evicting):
        names.add("flickering-session")
    newer = [
        s
        for s in all_spans
        if s.o.op is Kind.LOGIN and s.o.outcome is not Outcome.FAIL and s.o.session != me
        and my_user is not None and user.get(s.o.session) == my_user and s.ret >= login_inv
    ]  # fmt: skip

    def explained(g: Span) -> bool:
        limit = header.max_sessions_per_user
        begun = [s for s in newer if s.inv <= g.ret]
        evicted = limit is not None and len(begun) >= limit and any(s.ret >= last for s in begun)
        return logged_out(g) or evicted or may_be_expired(g, mine, header)

    lost = [g for g in gone if g.ret >= last and not explained(g)]
    if lost and not alive and any(s.login_ok for s in mine):
        names.add("login-not-stored")
    elif any(g.o.seen is Seen.RECREATED for g in lost):
        names.add("recreated-session")
    elif lost:
        names.add("lost-session")
    if header.ttl_s is not None and any(outlived(a, mine, header) for a in alive):
        names.add("late-expiry")
    return names


def may_be_expired(g: Span, mine: Sequence[Span], header: Header) -> bool:
    """r.ret >= a.inv + TTL - g for every acknowledged refresh a with a.ret < r.inv."""
    if header.ttl_s is None:
        return False
    ttl, fine = round(header.ttl_s * 1e9), round(header.granularity_s * 1e9)
    return all(g.ret >= a.inv + ttl - fine for a in mine if refreshes(a, header) and a.ret < g.inv)


def refreshes(a: Span, header: Header) -> bool:
    """An acknowledged use, write or login, as declared."""
    o = a.o
    if o.outcome is not Outcome.OK or o.via != VIA_BALANCER or (o.op is not Kind.LOGIN and a.gone):
        return False
    if header.ttl_refresh is Refresh.LOGIN:
        return o.op is Kind.LOGIN
    stores = o.op in (Kind.LOGIN, Kind.WRITE, Kind.INCREMENT)
    if header.ttl_refresh is Refresh.WRITE:
        return stores
    return stores or (o.seen is Seen.ALIVE and o.op is not Kind.LOGOUT)


def outlived(a: Span, mine: Sequence[Span], header: Header) -> bool:
    """Alive after the last possible refresh + TTL + g with nothing unknown outstanding."""
    limit = round((header.ttl_s or 0) * 1e9) + round(header.granularity_s * 1e9)

    def may_refresh(s: Span) -> bool:
        happened = s.o.outcome is not Outcome.FAIL
        if header.ttl_refresh is Refresh.LOGIN:
            return happened and s.o.op is Kind.LOGIN
        if header.ttl_refresh is Refresh.WRITE:
            return happened and s.o.op in (Kind.LOGIN, Kind.WRITE, Kind.INCREMENT)
        return happened or (s.o.seen is Seen.ALIVE and s.o.returned_ns is not None)

    before = [s for s in mine if may_refresh(s) and s.inv < a.inv]
    return bool(before) and max(s.ret for s in before) + limit < a.inv

"""What all virtual users of this process share, and what each of them does: log in, live by the schedule, audit.

Knows gevent but not Locust: a virtual user is anything with an index and a connection.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from gevent import sleep
from gevent.event import Event

from outlast.drivers.driver import Driver, computes, slows
from outlast.drivers.streaming import Streaming
from outlast.history.columns import ABSENT
from outlast.history.journal_layout import SESSION_PREFIX
from outlast.history.journal_writer import JournalWriter
from outlast.history.operation import Kind, Outcome, Seen
from outlast.workloads.schedule import Arrival, arrivals, seats_of
from outlast.workloads.status import Glance, LoadStatus, SlowWrite
from outlast.workloads.users.asking import Asker, Question, Reply
from outlast.workloads.users.connection import Connection
from outlast.workloads.users.costly import Costly
from outlast.workloads.users.entrance import Entrance
from outlast.workloads.users.listening import Listener
from outlast.workloads.users.seats import ALIVE, GONE, NO_SESSION, UNKNOWN, Seats
from outlast.workloads.workload import Load

SCHEDULE_SECONDS_MOST: Final = 3600.0
"""Beyond the planned seconds the load goes on until it is stopped, but never longer than this."""
LOGIN_PAUSE_S_LEAST: Final = 0.1
LOGIN_PAUSE_S_MOST: Final = 1.6


class Hand:
    """One virtual user at work: its number, its connection, its present client id."""

    __slots__ = ("_next_client", "client", "connection", "number")

    def __init__(self, number: int, connection: Connection, next_client: Callable[[], int]) -> None:
        self.number = number
        self.connection = connection
        self.client = next_client()
        self._next_client = next_client

    def ask(self, asker: Asker, question: Question, connection: Connection | None = None) -> Reply:
        """One operation; after an unknown outcome it may still be under way, so the hand becomes another client."""
        reply = asker.ask(question, connection or self.connection, self.client)
        if reply.outcome is Outcome.UNKNOWN:
            self.client = self._next_client()
        return reply


@dataclass(slots=True)
class Crew:
    """The state that all share. Everything runs in one thread, greenlet by greenlet."""

    load: Load
    seed: int
    driver: Driver
    journal: JournalWriter
    asker: Asker
    door: Entrance
    seats: Seats = field(init=False)
    operations: int = 0
    failed: int = 0
    in_flight: int = 0
    under_way: dict[int, int] = field(default_factory=dict)
    """Requests through the balancer that wait for their answer, by the number of the replica that last answered."""
    slow: dict[int, int] = field(default_factory=dict)
    """Seat of each slow write under way -> when it was sent."""
    stopping: Event = field(default_factory=Event)
    listener: Listener | None = None
    """Who hears the streams, where the driver knows any."""
    costly: Costly | None = None
    """The session that asks for much computing, where the load has one and the app can."""
    _clients: int = 0
    _next_login: float = 0.0
    """When the next login before the load is due, on the monotonic clock."""
    _entering: set[int] = field(default_factory=set)
    """Seats whose next session is being logged in: who shares such a seat lets its turn pass."""

    def __post_init__(self) -> None:
        self.seats = Seats(self.load.sessions, random.Random(f"{self.seed}:retired"))
        if self.load.costly_rate and computes(self.driver):
            self.costly = Costly(
                self.load,
                self.seed,
                self.asker,
                self.seats,
                self.door,
                self.stopping,
                self._count,
                self._next_client,
            )
        if isinstance(self.driver, Streaming):
            self.listener = Listener(
                self.asker,
                self.driver,
                self.seats,
                self.door,
                self.load.timeout_s,
                self.stopping,
                self._count,
                self._next_client,
            )

    def hand(self, number: int) -> Hand:
        """A new virtual user's hand."""
        return Hand(number, Connection(self.door), self._next_client)

    def log_in(self, hand: Hand, until_ns: int) -> None:
        """Log in every seat of this user; those that fail are tried again until the time is up.

        A seat that several share is logged in by the first of them.
        """
        first = hand.number < self.load.users // self.load.clients
        seats = seats_of(hand.number, self.load) if first else range(0)
        waiting = deque(seat for seat in seats if self.seats.session[seat] == NO_SESSION)
        pause_s = LOGIN_PAUSE_S_LEAST
        while waiting and time.monotonic_ns() < until_ns:
            sleep(min(self._turn_s(), max(0.0, (until_ns - time.monotonic_ns()) / 1e9)))
            if time.monotonic_ns() >= until_ns:
                return
            seat = waiting.popleft()
            if self._log_in(hand, seat, None):
                pause_s = LOGIN_PAUSE_S_LEAST
            else:
                waiting.append(seat)
                sleep(pause_s)
                pause_s = min(2 * pause_s, LOGIN_PAUSE_S_MOST)

    def live(self, hand: Hand, start_ns: int) -> None:
        """Do what the schedule says until stopped. Who is late does not wait, and counts from when it was due."""
        last_ns = int((self.load.seconds + SCHEDULE_SECONDS_MOST) * 1e9)
        for arrival in arrivals(self.load, self.seed, hand.number, self.driver.can, slows=slows(self.driver)):
            due_ns = start_ns + arrival.after_ns
            wait_s = (due_ns - time.monotonic_ns()) / 1e9
            if self.stopping.wait(wait_s) if wait_s > 0 else self.stopping.is_set():
                return
            if arrival.after_ns > last_ns:
                return
            self._do(hand, arrival, due_ns)

    def status(self, per_second: float) -> LoadStatus:
        """How it goes."""
        shown = self.seats.shown
        return LoadStatus(
            operations=self.operations,
            per_second=per_second,
            failed=self.failed,
            sessions_alive=shown.count(ALIVE),
            sessions_gone=shown.count(GONE),
            sessions_unknown=shown.count(UNKNOWN),
            per_replica=self.seats.per_replica(self.asker.replica_names),
            in_flight={self._replica(number): count for number, count in self.under_way.items() if count},
            slow_in_flight=len(self.slow),
        )

    def glance(self, sessions: list[str], per_second: float) -> Glance:
        """How it is at this instant; `sessions`: those whose replica is asked for."""
        seats = self.seats
        slow = [
            SlowWrite(
                session=f"{SESSION_PREFIX}{seats.session[seat]}",
                replica=self._replica(seats.replica[seat]),
                since_ns=since_ns,
            )
            for seat, since_ns in self.slow.items()
        ]
        return Glance(
            status=self.status(per_second),
            alive_on=seats.per_replica(self.asker.replica_names, alive=True),
            slow=tuple(slow),
            holders={name: holder for name in sessions if (holder := self._holder(name))},
        )

    def ask(self, hand: Hand, question: Question, connection: Connection | None = None) -> Reply:
        """One operation, counted."""
        self.in_flight += 1
        replica = self.seats.replica[question.seat] if question.replica is None else ABSENT
        self.under_way[replica] = self.under_way.get(replica, 0) + 1
        reply = hand.ask(self.asker, question, connection)
        self.in_flight -= 1
        self.under_way[replica] -= 1
        self._count(reply.failed)
        return reply

    def note(self, seat: int, reply: Reply) -> None:
        """What an answer through the balancer showed of the session in that seat."""
        seats = self.seats
        if reply.failed:
            seats.shown[seat] = UNKNOWN
            return
        seats.shown[seat] = GONE if reply.seen in (Seen.ANONYMOUS, Seen.RECREATED) else ALIVE
        if reply.replica >= 0:
            seats.replica[seat] = reply.replica

    def keep(self, question: Question, reply: Reply) -> None:
        """The browser takes the answer's cookies in any case; the kept jar is the last that was acknowledged.

        An acknowledged answer may renew the cookie (a stateless session does so at each change), so it is the jar after
        the answer that is known to be good; where the answer took the cookie away it is the one before. Also after a
        logout, whose answer may put an empty session's cookie in the place of the one that must be dead now.
        """
        seats, seat = self.seats, question.seat
        seats.browser[seat] = reply.jar
        if reply.acknowledged:
            held = reply.jar is question.jar or reply.jar.value(self.driver.session_cookie, time.time()) is not None
            seats.kept[seat] = reply.jar if held and question.kind is not Kind.LOGOUT else question.jar

    def _do(self, hand: Hand, arrival: Arrival, due_ns: int) -> None:
        seats, seat = self.seats, arrival.seat
        session = seats.session[seat]
        if session == NO_SESSION:
            if seat not in self._entering:
                self._log_in(hand, seat, due_ns)
            return
        if arrival.kind is Kind.STREAM:
            if self.listener is not None:
                self.listener.listen(seat, session, due_ns)
            return
        if arrival.kind is Kind.ASSET or arrival.as_page:
            self._browse(hand, seat, session, due_ns, opens=arrival.as_page or not seats.page[seat])
            return
        jar = seats.browser[seat]
        question = Question(arrival.kind, session, seat, jar, due_ns, with_effects=arrival.with_effects)
        if arrival.slow:
            question.slow_s = self.load.slow_s
            self.slow[seat] = time.monotonic_ns()
        reply = self.ask(hand, question)
        if arrival.slow:
            self.slow.pop(seat, None)
        if seats.session[seat] != session:  # who shares the seat has logged out meanwhile: its cookies are another's
            return
        self.note(seat, reply)
        self.keep(question, reply)
        if arrival.kind is Kind.LOGOUT and reply.outcome is not Outcome.FAIL:
            seats.leave(seat)
            self._log_in(hand, seat, None)

    def _browse(self, hand: Hand, seat: int, session: int, due_ns: int, *, opens: bool) -> None:
        """Open a page and get what belongs to it at once; or, in the page that is open, what is needed only now."""
        seats, paths = self.seats, self.seats.page[seat]
        if opens:
            question = Question(Kind.READ, session, seat, seats.browser[seat], due_ns, as_page=True)
            reply = self.ask(hand, question)
            self.note(seat, reply)
            self.keep(question, reply)
            if not reply.acknowledged:
                return
            paths, seats.page[seat] = reply.assets, reply.assets_later
        for path in paths:
            question = Question(Kind.ASSET, session, seat, seats.browser[seat], None if opens else due_ns, path=path)
            seats.browser[seat] = self.ask(hand, question).jar

    def _log_in(self, hand: Hand, seat: int, due_ns: int | None) -> bool:
        session = self.seats.next_session(seat)
        self._entering.add(seat)
        # Every session is a browser of its own: cookies of the one before it would tie the two together.
        question = Question(Kind.LOGIN, session, seat, self.seats.browser[seat], due_ns)
        reply = self.ask(hand, question)
        self._entering.discard(seat)
        self.note(seat, reply)
        if reply.outcome is Outcome.OK:
            self.seats.hold(seat, session, reply.jar)
        return reply.outcome is Outcome.OK

    def _turn_s(self) -> float:
        """Seconds until the next login before the load may be sent."""
        if self.load.login_rate is None:
            return 0.0
        now = time.monotonic()
        turn = max(now, self._next_login)
        self._next_login = turn + 1 / self.load.login_rate
        return turn - now

    def _replica(self, number: int) -> str:
        return self.asker.replica_names.get(number, "")

    def _holder(self, session: str) -> str:
        number = session.removeprefix(SESSION_PREFIX)
        seat = self.seats.seat_of(int(number)) if number.isdecimal() and number != session else None
        if seat is None or self.seats.shown[seat] != ALIVE:
            return ""
        return self._replica(self.seats.replica[seat])

    def _count(self, failed: bool) -> None:
        self.operations += 1
        self.failed += failed

    def _next_client(self) -> int:
        self._clients += 1
        return self._clients

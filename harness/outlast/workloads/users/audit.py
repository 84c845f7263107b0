"""The audit: every session is asked once more, over a connection of its own, by all virtual users together.

First the balancer (judged): with the cookie a browser holds, then with the kept one where that can tell more; and
sessions that were logged out, whose kept cookie must be dead. Last each replica directly (evidence for where a loss
happened), the sessions that were not seen alive first.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from typing import Final

from gevent import sleep

from outlast.drivers.jar import Jar
from outlast.history.operation import Jar as JarKind
from outlast.history.operation import Kind
from outlast.workloads.status import AuditReport
from outlast.workloads.users.asking import Question, Reply
from outlast.workloads.users.connection import Connection
from outlast.workloads.users.crew import Crew, Hand
from outlast.workloads.users.entrance import Entrance
from outlast.workloads.users.seats import ALIVE, GONE, NO_SESSION, UNKNOWN

DIRECT_MOST: Final = 1000
"""Sessions asked of each replica."""
TRIES: Final = 3
"""An unknown answer proves nothing, so it is asked for again."""
TRY_PAUSE_S: Final = 0.3
DEAF_AFTER: Final = 3
"""A replica that failed to answer so many times in a row is not asked further."""


class Audit:
    """One audit of one crew; every hand calls `ask_balancer`, and when all are done, `ask_replicas`."""

    def __init__(self, crew: Crew, replicas: Mapping[str, Entrance], until_ns: int) -> None:
        seats = crew.seats
        self._crew = crew
        self._replicas = replicas
        self._until_ns = until_ns
        self._seats = deque(seat for seat in range(len(seats)) if seats.session[seat] != NO_SESSION)
        self._retired = deque(seats.retired)
        self._beyond_cap = seats.retired_count - len(seats.retired)
        self._direct: deque[tuple[str, int]] | None = None
        self._direct_left_out = 0
        self._deaf = dict.fromkeys(replicas, 0)
        self._shown = [0, 0, 0]
        self._retired_asked = self._retired_alive = self._direct_asked = 0

    def ask_balancer(self, hand: Hand) -> None:
        """Take sessions from the common pile until it is empty or the time is up."""
        while self._seats and self._in_time():
            self._ask_seat(hand, self._seats.popleft())
        while self._retired and self._in_time():
            session, seat, kept = self._retired.popleft()
            self._retired_asked += 1
            reply = self._ask(hand, session, seat, kept, JarKind.KEPT)
            self._retired_alive += reply.acknowledged

    def ask_replicas(self, hand: Hand) -> None:
        """The same of each replica, with the kept cookie."""
        if self._direct is None:
            self._direct = self._direct_questions()
        while self._direct and self._in_time():
            name, seat = self._direct.popleft()
            if self._deaf[name] >= DEAF_AFTER:
                self._direct_left_out += 1
                continue
            self._direct_asked += 1
            seats = self._crew.seats
            question = Question(
                Kind.READ, seats.session[seat], seat, seats.kept[seat], None, JarKind.KEPT, name, with_effects=True
            )
            reply = self._over_fresh(hand, question, self._replicas[name])
            self._deaf[name] = self._deaf[name] + 1 if reply.failed and reply.replica < 0 else 0

    def report(self) -> AuditReport:
        """What was asked, what was left out."""
        return AuditReport(
            asked=sum(self._shown),
            alive=self._shown[ALIVE],
            gone=self._shown[GONE],
            unknown=self._shown[UNKNOWN],
            not_asked=len(self._seats),
            logged_out_asked=self._retired_asked,
            logged_out_alive=self._retired_alive,
            logged_out_not_asked=len(self._retired) + self._beyond_cap,
            direct_asked=self._direct_asked,
            direct_not_asked=self._direct_left_out + len(self._direct or ()),
        )

    def _ask_seat(self, hand: Hand, seat: int) -> None:
        seats = self._crew.seats
        session, browser, kept = seats.session[seat], seats.browser[seat], seats.kept[seat]
        reply = self._ask(hand, session, seat, browser, JarKind.BROWSER)
        self._crew.note(seat, reply)
        self._shown[seats.shown[seat]] += 1
        if kept is not browser or seats.shown[seat] == GONE:
            self._ask(hand, session, seat, kept, JarKind.KEPT)

    def _ask(self, hand: Hand, session: int, seat: int, jar: Jar, presented: JarKind) -> Reply:
        """Through the balancer, again while the answer is unknown and there is time."""
        for attempt in range(TRIES):
            question = Question(Kind.READ, session, seat, jar, None, presented, with_effects=True)
            reply = self._over_fresh(hand, question, self._crew.door)
            if not reply.failed or attempt == TRIES - 1 or not self._in_time():
                break
            sleep(TRY_PAUSE_S)
        return reply

    def _over_fresh(self, hand: Hand, question: Question, entrance: Entrance) -> Reply:
        connection = Connection(entrance)
        try:
            return self._crew.ask(hand, question, connection)
        finally:
            connection.close()

    def _direct_questions(self) -> deque[tuple[str, int]]:
        seats = self._crew.seats
        held = [seat for seat in range(len(seats)) if seats.session[seat] != NO_SESSION]
        held.sort(key=lambda seat: seats.shown[seat] == ALIVE)
        self._direct_left_out += max(0, len(held) - DIRECT_MOST) * len(self._replicas)
        return deque((name, seat) for seat in held[:DIRECT_MOST] for name in self._replicas)

    def _in_time(self) -> bool:
        return time.monotonic_ns() < self._until_ns

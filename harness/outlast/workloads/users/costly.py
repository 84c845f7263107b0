"""One session that asks for much computing, at a rate of its own, whoever else is slowed down by it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from gevent.event import Event
from gevent.pool import Group

from outlast.history.operation import Kind
from outlast.workloads.users.asking import Asker, Question
from outlast.workloads.users.connection import Connection
from outlast.workloads.users.entrance import Entrance
from outlast.workloads.users.seats import NO_SESSION, Seats
from outlast.workloads.workload import Load

SEAT: Final = 0
"""The seat whose session it is: a user like all others, but for these requests."""
PATH: Final = "costly"
"""What such a read is recorded as asking for."""
OPEN_MOST: Final = 200
"""Requests that wait at a time; what would be more is left out, as an attacker too has so many connections only."""


@dataclass(slots=True)
class Costly:
    """Sends its requests at times that are fixed beforehand, each from a greenlet of its own: none waits for another.

    `count` is told of each operation whether it failed. `next_client`: each of its connections is a client.
    """

    load: Load
    seed: int
    asker: Asker
    seats: Seats
    door: Entrance
    stopping: Event
    count: Callable[[bool], None]
    next_client: Callable[[], int]
    _open: Group = field(default_factory=Group)

    def live(self, start_ns: int) -> None:
        """Until stopped: a Poisson process of the load's rate."""
        dice = np.random.default_rng((self.seed & (2**64 - 1), self.load.users))
        due_ns = float(start_ns)
        while not self.stopping.is_set():
            due_ns += dice.exponential(1e9 / self.load.costly_rate)
            wait_s = (due_ns - time.monotonic_ns()) / 1e9
            if wait_s > 0 and self.stopping.wait(wait_s):
                return
            session = self.seats.session[SEAT]
            if session != NO_SESSION and len(self._open) < OPEN_MOST:
                self._open.spawn(self._ask, session, int(due_ns))

    def finish(self, seconds: float) -> int:
        """Wait for those under way; returns how many were given up."""
        self._open.join(seconds)
        left = len(self._open)
        self._open.kill(block=True)
        return left

    def _ask(self, session: int, due_ns: int) -> None:
        jar = self.seats.browser[SEAT]
        question = Question(Kind.READ, session, SEAT, jar, due_ns, path=PATH, cost_s=self.load.costly_s)
        self.count(self.asker.ask(question, Connection(self.door), self.next_client()).failed)

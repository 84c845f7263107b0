"""The Locust user: a greenlet that does what the crew is told to do.

Imports Locust, which patches the whole interpreter: only the load process may import this, and before anything else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import locust
from gevent.event import Event
from gevent.queue import Queue
from locust.env import Environment
from locust.runners import LocalRunner

from outlast.workloads.users.crew import Crew, Hand

Work = Callable[[Hand], None]

ENLIST_SECONDS_MOST: Final = 60.0


class Company:
    """All virtual users of the process, run by Locust's local runner, and the way to give each of them work."""

    def __init__(self, crew: Crew, on_error: Callable[[BaseException], None]) -> None:
        self._crew = crew
        self._on_error = on_error
        self._queues: list[Queue[Work]] = []
        self._busy = 0
        self._idle = Event()
        self._idle.set()
        self._enlisted = Event()
        host = f"{crew.door.front.scheme}://{crew.door.host}:{crew.door.port}"
        self._environment = Environment(user_classes=[_user_class(self, host)], host=host)
        self._runner: LocalRunner = self._environment.create_local_runner()

    def enlist(self) -> None:
        """Spawn the users and wait until all of them stand ready. Raises TimeoutError."""
        users = self._crew.load.users
        self._runner.start(users, spawn_rate=users)
        if not self._enlisted.wait(ENLIST_SECONDS_MOST):
            raise TimeoutError(f"only {len(self._queues)} of {users} virtual users started")

    def order(self, work: Work) -> None:
        """Every user shall do this, as soon as it is done with what it does now."""
        self._busy += len(self._queues)
        self._idle.clear()
        for queue in self._queues:
            queue.put(work)

    def wait_idle(self, seconds: float | None = None) -> bool:
        """Whether all are done with everything before the time is up."""
        return bool(self._idle.wait(seconds))

    def serve(self) -> None:
        """The life of one user: never returns."""
        queue: Queue[Work] = Queue()
        hand = self._crew.hand(len(self._queues))
        self._queues.append(queue)
        if len(self._queues) == self._crew.load.users:
            self._enlisted.set()
        while True:
            work = queue.get()
            try:
                work(hand)
            except Exception as error:  # Locust would log it and go on with one user less
                self._on_error(error)
            self._busy -= 1
            if not self._busy:
                self._idle.set()


def _user_class(company: Company, host_url: str) -> type[locust.FastHttpUser]:
    class VirtualUser(locust.FastHttpUser):
        """Holds many sessions, each with cookies of its own; connection.py says why `self.client` rests."""

        host = host_url
        wait_time = locust.constant(0)

        @locust.task
        def serve(self) -> None:
            company.serve()

    return VirtualUser

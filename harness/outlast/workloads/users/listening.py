"""A stream: opened, heard to its end, and taken up again where it is cut; journaled segment by segment.

A segment is an operation: it tells which items were heard in its interval, so that how long a stream stood still can be
read from the history. The first segment of each connection ends with its first item.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from gevent.event import Event
from gevent.pool import Group

from outlast.drivers.driver import Answer, Response
from outlast.drivers.streaming import Ear, Streaming, Unlike
from outlast.history.columns import NEVER, Stream
from outlast.history.operation import Kind, Outcome
from outlast.history.outcome import TransportFailure, outcome_of_failure
from outlast.workloads.users.asking import Asker, Question
from outlast.workloads.users.connection import Connection, Unanswered
from outlast.workloads.users.conversation import UNKNOWN_ANSWER, Said
from outlast.workloads.users.entrance import Entrance
from outlast.workloads.users.seats import Seats

OPEN_MOST: Final = 500
"""Streams that are open at a time; what would be more is left out."""
SEGMENT_S: Final = 1.0
PAUSE_S: Final = 0.1
"""Between a cut and the next try."""
TRIES_S: Final = 15.0
"""For so long after a cut it is tried to take the stream up again."""


@dataclass(slots=True)
class Listener:
    """Hears the streams of one crew, each in a greenlet of its own: its user goes on meanwhile.

    `count` is told of each operation whether it failed. `next_client`: a stream's connection is a client.
    """

    asker: Asker
    driver: Streaming
    seats: Seats
    door: Entrance
    idle_s: float
    stopping: Event
    count: Callable[[bool], None]
    next_client: Callable[[], int]
    _open: Group = field(default_factory=Group)
    _numbers: int = 0

    def listen(self, seat: int, session: int, due_ns: int) -> None:
        """Open another stream of that session, unless too many are open."""
        if len(self._open) < OPEN_MOST:
            self._numbers += 1
            self._open.spawn(self._hear_out, seat, session, str(self._numbers), due_ns)

    def finish(self, seconds: float) -> int:
        """Wait for those that are open; returns how many were given up."""
        self._open.join(seconds)
        left = len(self._open)
        self._open.kill(block=True)
        return left

    def _hear_out(self, seat: int, session: int, number: str, due_ns: int | None) -> None:
        """To its end; or until there is no session, or nothing comes of it for too long, or the load is over."""
        reached, last, since = 0, "", time.monotonic()
        while True:
            turn = _Turn(self, seat, session, number, reached, last)
            turn.take(due_ns)
            if turn.ear.reached > reached:
                reached, last, since = turn.ear.reached, turn.ear.last, time.monotonic()
            due_ns = None
            over = turn.ear.ended or turn.refused or time.monotonic() - since > TRIES_S
            if over or self.seats.session[seat] != session or self.stopping.wait(PAUSE_S):
                return


class _Turn:
    """One connection's share of a stream."""

    def __init__(self, listener: Listener, seat: int, session: int, number: str, due: int, last: str) -> None:
        self.ear: Ear = listener.driver.ear(due, last)
        self.refused = False
        self._listener = listener
        self._request = listener.driver.stream(number, due)
        jar = listener.seats.browser[seat]
        self._question = Question(Kind.STREAM, session, seat, jar, path=f"stream {number}")
        self._said = Said(UNKNOWN_ANSWER, jar, 0)
        self._client = listener.next_client()
        self._slot = 0
        self._segment: int | None = None
        """Where the present segment began; None before the first item."""
        self._since = 0.0

    def take(self, due_ns: int | None) -> None:
        """Open it and hear all of it that comes."""
        self._question.intended_ns = due_ns
        self._intend()
        connection = Connection(self._listener.door)
        cookies = self._question.jar.header(self._request.path, time.time())
        failure, never = None, False
        try:
            connection.follow(self._request, cookies, self._head, self._hear, self._listener.idle_s)
        except Unanswered as error:
            failure, never = error.failure, error.failure is TransportFailure.TIMEOUT
        except Unlike:
            failure = TransportFailure.GARBLED
        self._close(failure, never=never)

    def _head(self, head: Response, lines: list[str]) -> bool:
        said = self._said
        said.status, said.answer, said.lines = head.status, self._listener.driver.begun(head), lines
        self.refused = said.answer.outcome is Outcome.FAIL
        if lines:
            said.jar = said.jar.after(lines, host=self._listener.door.name, path=self._request.path, now_s=time.time())
        return said.answer.outcome is Outcome.OK

    def _hear(self, part: bytes) -> None:
        self.ear.hear(part)
        first, now = self.ear.first, time.monotonic()
        if first is None or self.ear.ended:
            return
        if self._segment is None or now - self._since >= SEGMENT_S:
            begun = first if self._segment is None else self._segment
            self._record(Stream(begun, self.ear.reached, False, self.ear.last))
            # That the session lives was told when the stream was opened, and of no later time.
            self._said.answer = replace(self._said.answer, seen=None)
            self._intend()
            self._segment, self._since = self.ear.reached, now

    def _close(self, failure: TransportFailure | None, *, never: bool) -> None:
        """The last segment. A connection that ended without the stream's end was cut, if the stream had begun."""
        said, ear = self._said, self.ear
        begun = self._segment if self._segment is not None else ear.first
        reached = None if begun is None else ear.reached
        if ear.ended:
            self._record(Stream(begun, reached, False, ear.last))
            return
        was_open = said.answer.outcome is Outcome.OK
        if was_open:
            said.answer = _failed(said.answer, Outcome.UNKNOWN)
        elif failure is not None:
            said.answer = _failed(said.answer, Outcome.UNKNOWN if said.status else outcome_of_failure(failure))
        never = never and not was_open  # what was heard was heard
        self._record(Stream(begun, reached, True if was_open else None, ear.last or None), never=never)

    def _intend(self) -> None:
        self._slot = self._listener.asker.intend(self._question, self._client)
        self._question.intended_ns = None

    def _record(self, stream: Stream, *, never: bool = False) -> None:
        returned_ns = NEVER if never else time.monotonic_ns()
        reply = self._listener.asker.record(self._slot, self._question, self._said, returned_ns, stream=stream)
        self._listener.count(reply.failed)


def _failed(answer: Answer, outcome: Outcome) -> Answer:
    """Who answered stays known; what they would have shown does not."""
    return Answer(outcome=outcome, replica=answer.replica, boot=answer.boot, build=answer.build)

"""A driver's conversation, held over a connection within a time limit."""

from __future__ import annotations

import sys
import time
import traceback
from dataclasses import dataclass, field, replace
from typing import Final

from gevent import Timeout

from outlast.drivers.driver import Act, Answer, Driver, holds
from outlast.drivers.jar import Jar
from outlast.errors import LoadError
from outlast.history.operation import Outcome
from outlast.history.outcome import TransportFailure, outcome_of_failure
from outlast.workloads.users.connection import Connection, Unanswered

UNKNOWN_ANSWER: Final = Answer(outcome=Outcome.UNKNOWN)


@dataclass(slots=True)
class Said:
    """What came of a conversation. `jar`: after it. `status`: of the last response, 0 if none came."""

    answer: Answer
    jar: Jar
    status: int
    timed_out: bool = False
    lines: list[str] = field(default_factory=list)
    """All Set-Cookie lines that came."""


def converse(driver: Driver, act: Act, connection: Connection, jar: Jar, host: str, timeout_s: float) -> Said:
    """Say it and hear the answer. Raises nothing for what an app does, LoadError when this machine is at its end."""
    said = Said(UNKNOWN_ANSWER, jar, 0)
    timer = Timeout.start_new(timeout_s)
    try:
        _talk(driver, act, connection, host, said)
    except Unanswered as error:
        # What was refused was not sent; but after a first exchange something was.
        refused = error.failure is TransportFailure.REFUSED and not said.status
        said.answer = Answer(outcome=outcome_of_failure(error.failure)) if refused else UNKNOWN_ANSWER
    except Timeout as caught:
        if caught is not timer:
            raise
        connection.close()
        said.timed_out = True
    except LoadError:
        raise
    except Exception:  # a user's driver that raises is no reason to stop the load
        connection.close()
        _tell_once(driver.name)
    finally:
        timer.close()
    return said


def _talk(driver: Driver, act: Act, connection: Connection, host: str, said: Said) -> None:
    if holds(driver):
        act = replace(act, held=said.jar.held)
    talk = driver.perform(act)
    try:
        request = next(talk)
        while True:
            response, lines = connection.exchange(request, said.jar.header(request.path, time.time()))
            said.status = response.status
            if lines:
                said.lines += lines
                said.jar = said.jar.after(lines, host=host, path=request.path, now_s=time.time())
            request = talk.send(response)
    except StopIteration as end:
        if isinstance(end.value, Answer):
            said.answer = end.value
            said.jar = said.jar.holding(end.value.held)


_told: set[str] = set()


def _tell_once(name: str) -> None:
    """The first failure of a driver goes to the load's log; the rest are only counted as unknown."""
    if name not in _told:
        _told.add(name)
        print(f"The driver {name} raised; the operation counts as unknown.", file=sys.stderr)  # noqa: T201 - the log
        traceback.print_exc()

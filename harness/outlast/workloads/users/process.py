"""The load process: obeys the harness over a channel, and is gone as soon as the harness is.

Started by launch.py as `python -c "import locust; from outlast.workloads.users.process import main; ..."`, so that
Locust has patched the interpreter before anything else is imported.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import socket
import sys
import time
import traceback
from collections import deque
from dataclasses import asdict
from pathlib import Path
from typing import Final, NoReturn

import gevent
from gevent.queue import Queue

from outlast.drivers.catalogue import driver_named
from outlast.drivers.front import Front
from outlast.errors import LoadError, OutlastError
from outlast.history.journal_writer import JournalWriter
from outlast.workloads.channel import Channel, Message
from outlast.workloads.users import costly
from outlast.workloads.users.asking import Asker
from outlast.workloads.users.audit import Audit
from outlast.workloads.users.crew import Crew
from outlast.workloads.users.entrance import Entrance
from outlast.workloads.users.listening import OPEN_MOST
from outlast.workloads.users.virtual_user import Company
from outlast.workloads.workload import Load, Mix

TELL_EVERY_S: Final = 0.5
FILES_BESIDE_USERS: Final = 100
"""Open files that are no user's connection: the interpreter's, the journal's, Locust's."""

HARNESS_GONE: Final = 3


def main(descriptor: int) -> NoReturn:
    """Serve the harness at the other end of this socket until it says close, or is gone."""
    channel = Channel(socket.socket(fileno=descriptor))
    try:
        orders = channel.receive()
        if orders is None:
            os._exit(HARNESS_GONE)
        _Process(channel, orders).run()
    except BaseException as error:  # the last stop: whatever it is, the harness is told
        _die(channel, error)
    os._exit(0)


class _Process:
    """The crew, its company of Locust users, and the commands that the harness may send."""

    def __init__(self, channel: Channel, orders: Message) -> None:
        self._channel = channel
        self._load = Load(**{**orders["load"], "mix": Mix(**orders["load"]["mix"])})
        _hold_open_files(self._load.users, _connections_besides(self._load))
        seed, driver = int(orders["seed"]), driver_named(orders["driver"])
        folder = Path(orders["folder"])
        self._journal = JournalWriter(folder, seed=seed, tag=orders["tag"], users=self._load.sessions)
        asker = Asker(self._journal, driver, self._load.timeout_s)
        host, port = orders["door"]
        self._front = Front(**orders["front"])
        self._crew = Crew(self._load, seed, driver, self._journal, asker, Entrance(host, port, self._front))
        self._company = Company(self._crew, lambda error: _die(channel, error))
        self._per_second = 0.0

    def run(self) -> None:
        """Obey until told to close."""
        gevent.signal_handler(signal.SIGTERM, self._leave)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the harness's to answer
        self._company.enlist()
        self._channel.send({"done": "start"})
        inbox: Queue[Message] = Queue()
        gevent.spawn(self._listen, inbox)
        gevent.spawn(self._tell)
        while True:
            message = inbox.get()
            verb = message["do"]
            if verb == "close":
                break
            self._channel.send({"done": verb, **self._do(verb, message)})
        self._leave()

    def _do(self, verb: str, message: Message) -> Message:
        verbs = {
            "log_in": self._log_in,
            "begin": self._begin,
            "glance": self._glance,
            "stop": self._stop,
            "audit": self._audit,
        }
        return verbs[verb](message)

    def _log_in(self, message: Message) -> Message:
        until_ns = time.monotonic_ns() + int(message["seconds"] * 1e9)
        self._company.order(lambda hand: self._crew.log_in(hand, until_ns))
        self._company.wait_idle()
        gc.collect()
        gc.freeze()  # what is held now stays for the whole run: a collector that walks it would stall every user
        return {"wanted": len(self._crew.seats), "logged_in": self._crew.seats.held()}

    def _begin(self, message: Message) -> Message:
        start_ns = int(message["start_ns"])
        self._crew.stopping.clear()
        self._company.order(lambda hand: self._crew.live(hand, start_ns))
        if self._crew.costly is not None:
            gevent.spawn(self._crew.costly.live, start_ns).link_exception(self._fail)
        return {}

    def _glance(self, message: Message) -> Message:
        return {"glance": asdict(self._crew.glance(message["sessions"], self._per_second))}

    def _stop(self, message: Message) -> Message:
        self._crew.stopping.set()
        seconds, listener = float(message["seconds"]), self._crew.listener
        self._company.wait_idle(seconds)
        given_up = listener.finish(seconds) if listener is not None else 0
        given_up += self._crew.costly.finish(seconds) if self._crew.costly is not None else 0
        return {"operations": self._crew.operations, "unfinished": self._crew.in_flight + given_up}

    def _audit(self, message: Message) -> Message:
        replicas = {
            name: Entrance(host, int(port), self._front, forwarded=True)
            for name, (host, port) in message["replicas"].items()
        }
        audit = Audit(self._crew, replicas, time.monotonic_ns() + int(message["seconds"] * 1e9))
        self._company.order(audit.ask_balancer)
        self._company.wait_idle()
        self._company.order(audit.ask_replicas)
        self._company.wait_idle()
        return asdict(audit.report())

    def _fail(self, greenlet: gevent.Greenlet) -> None:
        _die(self._channel, greenlet.exception)

    def _listen(self, inbox: Queue[Message]) -> None:
        while (message := self._channel.receive()) is not None:
            inbox.put(message)
        os._exit(HARNESS_GONE)  # the journal needs no goodbye

    def _tell(self) -> None:
        """Twice a second how it goes, with the rate over the last second."""
        seen: deque[tuple[float, int]] = deque([(time.monotonic(), self._crew.operations)], maxlen=3)
        while True:
            gevent.sleep(TELL_EVERY_S)
            now, operations = time.monotonic(), self._crew.operations
            then, before = seen[0]
            seen.append((now, operations))
            self._per_second = (operations - before) / (now - then)
            status = asdict(self._crew.status(self._per_second))
            try:
                self._channel.send({"status": status})
            except OSError:
                os._exit(HARNESS_GONE)

    def _leave(self) -> None:
        self._journal.close()
        os._exit(0)


def _connections_besides(load: Load) -> int:
    return (OPEN_MOST if load.mix.stream else 0) + (costly.OPEN_MOST if load.costly_rate else 0)


def _hold_open_files(users: int, streams: int) -> None:
    """Each user holds a connection, and a second one in the audit. Raises LoadError when the limit is too low."""
    needed = 2 * users + streams + FILES_BESIDE_USERS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= needed:
        return
    if hard < needed:
        raise LoadError(
            f"{users} virtual users need {needed} open files and the limit is {hard}; "
            f"raise it (ulimit -Hn) or use fewer users, each can hold many sessions."
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def _die(channel: Channel, error: BaseException) -> NoReturn:
    """Tell why, then go at once: a load that goes on with a part of its users would measure something else."""
    if isinstance(error, OutlastError):
        sentence = str(error)
    else:
        traceback.print_exception(error)
        sentence = f"The load process failed with {type(error).__name__}: {error}"
    try:
        channel.send({"error": sentence})
    except OSError:
        print(sentence, file=sys.stderr)  # noqa: T201 - nobody else listens
    sys.stderr.flush()
    os._exit(2)

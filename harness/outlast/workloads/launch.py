"""The harness's side of the load: starts the load process, tells it what to do, hears how it goes.

Imports neither Locust nor gevent: they live in the load process alone.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import queue
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Protocol

from outlast.drivers.front import PLAIN, Front
from outlast.errors import LoadError, UsageError
from outlast.stacks.owner import NODE_VARIABLE, OWNER_VARIABLE, RUN_VARIABLE, Owner
from outlast.workloads.channel import Channel, Message
from outlast.workloads.status import AuditReport, Glance, LoadStatus, LoginReport, SlowWrite, StopReport
from outlast.workloads.workload import Load

LOG_FILE: Final = "load.log"

START_SECONDS_MOST: Final = 90.0
AUDIT_SECONDS_MOST: Final = 120.0
CLOSE_SECONDS_MOST: Final = 5.0
GRACE_S: Final = 10.0
"""How much longer than its own limit a command may take before the load process counts as stuck."""
LAST_LINES: Final = 5
NODE: Final = "load"
"""What the process is called among those of its run."""

# Locust first: it patches the interpreter, and what was imported before stays unpatched.
_PROGRAM: Final = "import locust, sys; from outlast.workloads.users.process import main; main(int(sys.argv[1]))"


class Door(Protocol):
    """Where to knock; a `stacks.stack.Address` is one."""

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...


class LoadProcess:
    """One load process. Every verb raises LoadError when the process is dead, and the journal so far is kept.

    `folder` gets the journal and `load.log`. `driver`: a name of drivers/catalogue.py or `module:Class`. `tag` makes
    the tokens of this run its own; by default it is random. Only loopback addresses are asked, and `allowed` hosts; any
    other is a UsageError. With `run_id` it bears the run's marks, so that guard and sweep end it too.
    """

    def __init__(
        self,
        folder: Path,
        load: Load,
        door: Door,
        driver: str,
        seed: int,
        *,
        front: Front = PLAIN,
        tag: str | None = None,
        allowed: Collection[str] = (),
        run_id: str | None = None,
    ) -> None:
        self._allowed = allowed
        self._run_id = run_id
        self._must_be_allowed(door)
        self._folder = folder
        self._orders: Message = {
            "folder": str(folder.resolve()),
            "load": asdict(load),
            "door": [door.host, door.port],
            "front": asdict(front),
            "driver": driver,
            "seed": seed,
            "tag": tag or secrets.token_hex(3),
        }
        self._load = load
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Channel | None = None
        self._replies: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._status = LoadStatus()
        self._error: str | None = None
        self._gone = False

    @property
    def pid(self) -> int:
        """The load process; 0 before it was started."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start it and wait until its users stand ready; they have sent nothing yet."""
        ours, theirs = socket.socketpair()
        with theirs, (self._folder / LOG_FILE).open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(theirs.fileno(),),
                env=_environment(self._run_id),
                process_group=0,  # a Ctrl-C in the terminal is ours to answer
            )
        self._channel = Channel(ours)
        threading.Thread(target=self._listen, args=(self._channel,), name="outlast-load-replies", daemon=True).start()
        try:
            self._send(self._orders)
            self._wait("start", START_SECONDS_MOST)
        except BaseException:
            self.close()
            raise

    def log_in(self, seconds: float | None = None) -> LoginReport:
        """Log every session in; returns when all are, or when the time is up: by default the load's own."""
        seconds = self._load.login_s_most if seconds is None else seconds
        return LoginReport(**self._call("log_in", seconds + self._load.timeout_s, seconds=seconds))

    def begin(self, start_ns: int) -> None:
        """The measured arrivals start at that monotonic instant."""
        self._call("begin", GRACE_S, start_ns=start_ns)

    def tick(self) -> LoadStatus:
        """The latest of what it tells twice a second; does not wait. Any thread may ask."""
        self._must_live()
        return self._status

    def glance(self, sessions: Collection[str] = ()) -> Glance:
        """The load as it is now, with the replica of each of these sessions; asks and waits, some milliseconds.

        Not while another verb is under way.
        """
        told = self._call("glance", GRACE_S, sessions=list(sessions))["glance"]
        slow = tuple(SlowWrite(**write) for write in told["slow"])
        return Glance(**{**told, "status": LoadStatus(**told["status"]), "slow": slow})

    def stop(self) -> StopReport:
        """No new operations; waits for those under way, at most as long as one may take."""
        seconds = self._load.timeout_s + 1.0
        return StopReport(**self._call("stop", seconds, seconds=seconds))

    def audit(self, replicas: Mapping[str, Door], seconds: float = AUDIT_SECONDS_MOST) -> AuditReport:
        """Ask every session again, then each of these replicas directly; returns when done or when the time is up."""
        for door in replicas.values():
            self._must_be_allowed(door)
        addresses = {name: [door.host, door.port] for name, door in replicas.items()}
        return AuditReport(
            **self._call("audit", seconds + 2 * self._load.timeout_s, replicas=addresses, seconds=seconds)
        )

    def close(self) -> None:
        """End it, whatever it is doing; never raises. The journal stays complete even if it has to be killed."""
        process, channel = self._process, self._channel
        if process is None or channel is None:
            return
        if process.poll() is None and not self._gone:
            with contextlib.suppress(OSError):
                channel.send({"do": "close"})
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(CLOSE_SECONDS_MOST)
        if process.poll() is None:
            process.kill()
        process.wait()
        channel.close()

    def _must_be_allowed(self, door: Door) -> None:
        if door.host in self._allowed or door.host == "localhost":
            return
        with contextlib.suppress(ValueError):
            if ipaddress.ip_address(door.host).is_loopback:
                return
        raise UsageError(
            f"{door.host} is not on this machine; load is sent there only if you allow it: --allow-target {door.host}."
        )

    def _call(self, verb: str, patience_s: float, /, **arguments: Any) -> Message:
        self._send({"do": verb, **arguments})
        return self._wait(verb, patience_s + GRACE_S)

    def _send(self, message: Message) -> None:
        self._must_live()
        try:
            assert self._channel is not None
            self._channel.send(message)
        except OSError:
            self._gone = True
            self._must_live()

    def _wait(self, verb: str, seconds: float) -> Message:
        try:
            reply = self._replies.get(timeout=seconds)
        except queue.Empty:
            raise LoadError(
                f"The load process did not finish {verb!r} within {seconds:.0f} s; see {self._folder / LOG_FILE}."
            ) from None
        if reply is None or reply.get("done") != verb:
            self._gone = True
            self._must_live()
        assert reply is not None
        return {name: value for name, value in reply.items() if name != "done"}

    def _must_live(self) -> None:
        if self._process is None:
            raise LoadError("The load process was not started.")
        if self._error is None and not self._gone:
            return
        if self._error is not None:
            raise LoadError(self._error)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2.0)
        raise LoadError(self._obituary())

    def _obituary(self) -> str:
        code = self._process.returncode if self._process else None
        how = "fell silent" if code is None else f"was killed by signal {-code}" if code < 0 else f"exited with {code}"
        lines = _last_lines(self._folder / LOG_FILE)
        said = f" Its last words: {' | '.join(lines)}" if lines else ""
        return f"The load process {how}; what it recorded so far is kept in {self._folder}.{said}"

    def _listen(self, channel: Channel) -> None:
        """A thread: statuses are kept, replies are handed on."""
        while (message := _receive(channel)) is not None:
            if "status" in message:
                self._status = LoadStatus(**message["status"])
            elif "error" in message:
                self._error = message["error"]
            else:
                self._replies.put(message)
        self._gone = True
        self._replies.put(None)


def _receive(channel: Channel) -> Message | None:
    try:
        return channel.receive()
    except ValueError:  # torn by its death
        return None


def _environment(run_id: str | None) -> dict[str, str]:
    """Ours, without what would change Locust's or Python's own ways, and with the marks of the run."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("LOCUST_") and k != "PYTHONWARNINGS"}
    if run_id is None:
        return kept
    return kept | {RUN_VARIABLE: run_id, OWNER_VARIABLE: str(Owner.this_process()), NODE_VARIABLE: NODE}


def _last_lines(path: Path) -> list[str]:
    try:
        text = path.read_text(errors="replace")
    except OSError:
        return []
    return [line.strip() for line in text.splitlines() if line.strip()][-LAST_LINES:]

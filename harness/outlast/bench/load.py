"""What recording costs the load, beside plain Locust in the same run, and what a held session costs in memory."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from outlast.bench.figure import Figure, median
from outlast.errors import LoadError
from outlast.history.columns import OUTCOMES
from outlast.history.journal import JOURNAL_FILE, read_journal
from outlast.history.operation import Outcome
from outlast.workloads.launch import LoadProcess
from outlast.workloads.workload import Load

USERS: Final = 60
SECONDS: Final = 3.0
WARM_UP_S: Final = 1.0
SATURATING: Final = 1_000_000.0
"""A rate that nothing reaches: every user is always late, so that it sends as fast as it can."""

FEW_SESSIONS: Final = 1_000
MANY_SESSIONS: Final = 101_000
HOLDERS: Final = 100
LOGIN_SECONDS_MOST: Final = 300.0

_BARE: Final = (
    "import locust, sys; from outlast.workloads.users.bare import main; "
    "main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))"
)


def measure(runs: int) -> Sequence[Figure]:
    """Operations per second with and without recording, alternating, and bytes per held session (measured once).

    About 10 s per run and half a minute for the memory. Raises LoadError.
    """
    ours: list[float] = []
    bare: list[float] = []
    with _server() as door:
        for _ in range(runs):
            bare.append(_bare_per_second(door))
            ours.append(_recorded_per_second(door))
        per_session = _bytes_per_session(door)
    return [
        median("load.ops_per_s", "1/s", ours),
        median("load.fasthttpuser_ops_per_s", "1/s", bare),
        median("load.ratio_to_fasthttpuser", "ratio", [a / b for a, b in zip(ours, bare, strict=True)]),
        median("load.bytes_per_session", "B", [per_session]),
    ]


@dataclass(frozen=True, slots=True)
class _Door:
    host: str
    port: int


@contextlib.contextmanager
def _server() -> Iterator[_Door]:
    with subprocess.Popen(
        [sys.executable, "-m", "outlast.bench.instant_server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield _Door("127.0.0.1", int(server.stdout.readline()))
        finally:
            server.stdin.close()


def _bare_per_second(door: _Door) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _BARE, f"http://{door.host}:{door.port}", str(USERS), str(SECONDS)],
        capture_output=True,
        text=True,
        timeout=60 + SECONDS,
        check=False,
    )
    if done.returncode:
        raise LoadError(f"Plain Locust could not be measured: {done.stderr.strip()[-300:]}")
    return float(done.stdout)


def _recorded_per_second(door: _Door) -> float:
    """Counted from the journal itself: operations that were acknowledged within the window."""
    with tempfile.TemporaryDirectory() as folder:
        process = LoadProcess(Path(folder), Load(users=USERS, rate=SATURATING), door, "lab", seed=1)
        try:
            process.start()
            process.log_in()
            start_ns = time.monotonic_ns()
            process.begin(start_ns)
            time.sleep(WARM_UP_S + SECONDS)
            process.tick()
            process.stop()
        finally:
            process.close()
        columns = read_journal(Path(folder) / JOURNAL_FILE)
        returned_ns = columns.returned_ns[columns.outcome == OUTCOMES.index(Outcome.OK)]
        since_ns = start_ns + int(WARM_UP_S * 1e9)
        until_ns = since_ns + int(SECONDS * 1e9)
        return int(((returned_ns >= since_ns) & (returned_ns < until_ns)).sum()) / SECONDS


def _bytes_per_session(door: _Door) -> float:
    """The slope between few and many sessions, all logged in, held by the same number of users."""
    few, many = (_resident_bytes(door, sessions) for sessions in (FEW_SESSIONS, MANY_SESSIONS))
    return (many - few) / (MANY_SESSIONS - FEW_SESSIONS)


def _resident_bytes(door: _Door, sessions: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        load = Load(sessions=sessions, users=HOLDERS, timeout_s=30)
        process = LoadProcess(Path(folder), load, door, "lab", seed=1)
        try:
            process.start()
            if not process.log_in(LOGIN_SECONDS_MOST).complete:
                raise LoadError(
                    f"Not all of {sessions} sessions could be logged in; the machine is too busy to measure."
                )
            status = Path(f"/proc/{process.pid}/status").read_text()
        finally:
            process.close()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) * 1024

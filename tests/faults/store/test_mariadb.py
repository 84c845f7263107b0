"""Store faults on a real MariaDB, seen through the lab's app and by a client of the test's own."""

from __future__ import annotations

import http.client
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.faults.store.conftest import Unmoved, usable

from outlast.errors import Unsupported
from outlast.faults.aim import named
from outlast.faults.flush import Flush
from outlast.faults.read_only import ReadOnly
from outlast.faults.restart import Restart
from outlast.faults.stall import Stall
from outlast.stacks import residue
from outlast.stacks.engine import open_stack
from outlast.stacks.stack import Node, Stack

pytestmark = [pytest.mark.compose, pytest.mark.slow]
HIM = named("store")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The architecture mariadb, whole."""
    engine = usable("compose")
    stack = open_stack(engine, "mariadb", f"test-{time.monotonic_ns() % 10**8:08d}", tmp_path_factory.mktemp("mariadb"))
    try:
        stack.start()
        yield stack
    finally:
        stack.remove()


@pytest.fixture
def database(lab: Stack) -> Node:
    """The MariaDB."""
    return next(node for node in lab.nodes() if node.name == "store")


class User:
    """Somebody who is logged in."""

    def __init__(self, lab: Stack) -> None:
        self._door = lab.door()
        self._cookie = ""
        self.ask("POST", "/login", "user=ada")

    def ask(self, method: str, path: str, body: str = "") -> tuple[int, Any]:
        """One request at the door: status, and the session's value."""
        connection = http.client.HTTPConnection(self._door.host, self._door.port, timeout=10)
        try:
            connection.request(method, path, body, {"Cookie": self._cookie, "Idempotency-Key": path})
            answer = connection.getresponse()
            self._cookie = (answer.getheader("Set-Cookie") or self._cookie).split(";")[0]
            return answer.status, json.loads(answer.read()).get("value")
        finally:
            connection.close()


@pytest.fixture
def user(lab: Stack) -> User:
    return User(lab)


def rows(lab: Stack) -> int:
    """Counted by the database's own client, started by docker's."""
    (name,) = subprocess.run(
        ["docker", "ps", "-q", "--filter", f"name=outlast-{lab.run_id}-store"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    asked = ["docker", "exec", "-u", "root", name, "mariadb", "-N", "-B", "-e", "SELECT COUNT(*) FROM sessions.session"]
    return int(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)


def test_the_local_engine_cannot_run_it_and_says_so(tmp_path: Any) -> None:
    """By name."""
    stack = open_stack("local", "mariadb", "test-nowhere", tmp_path)

    with pytest.raises(Unsupported, match="cannot run store"):
        stack.start()


def test_sessions_outlast_a_restart(lab: Stack, database: Node, user: User) -> None:
    """What was committed is there, and the app finds its database again by itself."""
    user.ask("PUT", "/value", "kept")
    before = lab.state(database)

    onset = Restart(HIM).strike(lab, database)
    heal = Restart(HIM).heal(lab, database, before)

    assert onset.holds, onset.evidence
    assert heal.holds, heal.evidence
    assert (200, "kept") == user.ask("GET", "/me")


def test_a_flushed_database_has_no_session(lab: Stack, database: Node, user: User) -> None:
    """Every row is gone, and new ones are taken."""
    before = lab.state(database)

    onset = Flush(HIM).strike(lab, database)
    left, status = rows(lab), user.ask("GET", "/me")[0]
    again = Flush(HIM).strike(lab, database)
    heal = Flush(HIM).heal(lab, database, before)

    assert onset.holds, onset.evidence
    assert (0, 401) == (left, status)
    assert not again.holds
    assert "nothing was lost" in again.evidence
    assert heal.holds, heal.evidence
    assert 200 == User(lab).ask("GET", "/me")[0]


def test_locked_tables_let_everybody_wait(lab: Stack, database: Node, user: User) -> None:
    """A read takes as long as the lock, or is given up."""
    before, slowest = lab.state(database), [0.0]
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            asked = time.monotonic()
            user.ask("GET", "/me")
            slowest[0] = max(slowest[0], time.monotonic() - asked)

    asking = threading.Thread(target=ask)
    asking.start()
    onset = Stall(HIM, for_s=1.5).strike(lab, database)
    over.set()
    asking.join()
    heal = Stall(HIM).heal(lab, database, before)

    assert onset.holds, onset.evidence
    assert slowest[0] > 0.75
    assert heal.holds, heal.evidence
    assert 200 == user.ask("GET", "/me")[0]


def test_a_read_only_database_tells_and_takes_nothing(lab: Stack, database: Node, user: User) -> None:
    """Until it is healed, from the record alone or by the fault."""
    user.ask("PUT", "/value", "before")
    fault, before = ReadOnly(HIM), lab.state(database)
    record = fault.undo(lab, database)

    onset = fault.strike(lab, database)
    refused, told = user.ask("PUT", "/value", "during")[0], user.ask("GET", "/me")
    idle = fault.heal(Unmoved(lab), database, before)  # type: ignore[arg-type]
    residue.undo("compose", lab.run_id, "store", record.verb, {**dict(record.facts), "identity": before.identity})
    taken = user.ask("PUT", "/value", "after")
    heal = fault.heal(lab, database, before)

    assert onset.holds, onset.evidence
    assert 503 == refused
    assert (200, "before") == told
    assert not idle.holds
    assert (200, "after") == taken
    assert heal.holds, heal.evidence


def test_what_a_database_only_nods_at_is_not_proven(lab: Stack, database: Node, user: User, deaf: Any) -> None:
    """Rows that are still there, tables that nobody locked, a setting that was not set."""
    flush = Flush(HIM).strike(deaf(lab, "TRUNCATE TABLE", "ALTER TABLE"), database)
    stall = Stall(HIM, for_s=1.5).strike(deaf(lab, "DO SLEEP(1.5)", "DO 1"), database)
    read_only = ReadOnly(HIM).strike(deaf(lab, "read_only = 1", "read_only = 0"), database)

    assert [False] * 3 == [flush.holds, stall.holds, read_only.holds]
    assert 200 == user.ask("PUT", "/value", "kept")[0]

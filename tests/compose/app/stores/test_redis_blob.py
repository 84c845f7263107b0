"""Sessions as whole texts: what a slow request of a session does to what was acknowledged meanwhile."""

from __future__ import annotations

import socket
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from tests.compose.browser import Browser, Told
from tests.compose.processes import Process, Programs, eventually

pytestmark = pytest.mark.local

SLOW_MS = 1500


@dataclass(frozen=True, slots=True)
class Race:
    """Two replicas on one Redis, and one user with a tab on each."""

    store: Process
    here: Browser
    there: Browser


def race_on(programs: Programs, name: str) -> Race:
    """A user who is logged in, once per replica."""
    store = programs.valkey("--save", "")
    here = Browser(programs.app_on(store, name).address)
    here.log_in("ada")
    return Race(store, here, Browser(programs.app_on(store, name).address, dict(here.cookies)))


def slowly(race: Race, pool: ThreadPoolExecutor) -> Future[Told]:
    """A slow write of the tab that is here; returns once it has read the session."""
    before = _reads(race.store)
    slow = pool.submit(race.here.ask, "PUT", f"/value?slow_ms={SLOW_MS}", "token-1")
    eventually(lambda: _reads(race.store) > before, "the slow write has read the session")
    return slow


@pytest.mark.parametrize(("store", "counter"), [("redis_blob", 0), ("redis_blob_lock", 0), ("redis_atomic", 1)])
def test_what_another_replica_acknowledged_meanwhile(programs: Programs, store: str, counter: int) -> None:
    """It is overwritten, whatever lock the slow one holds, unless Redis itself refuses to write over it."""
    race = race_on(programs, store)
    with ThreadPoolExecutor(1) as pool:
        slow = slowly(race, pool)
        meanwhile = race.there.increment("attempt-1")
        assert not slow.done()
        assert 200 == slow.result().status

    assert 1 == meanwhile["counter"]
    assert ("token-1", counter) == (race.there.me()["value"], race.there.me()["counter"])


@pytest.mark.parametrize(("store", "counter"), [("redis_blob", 0), ("redis_blob_lock", 1), ("redis_atomic", 1)])
def test_what_the_same_replica_was_asked_meanwhile(programs: Programs, store: str, counter: int) -> None:
    """A lock in the process makes it wait, and so nothing is overwritten there."""
    race = race_on(programs, store)
    same = Browser(race.here.address, dict(race.here.cookies))
    with ThreadPoolExecutor(1) as pool:
        slow = slowly(race, pool)
        assert 200 == same.increment("attempt-1").status
        assert (store == "redis_blob_lock") == ("token-1" == same.me()["value"])
        assert 200 == slow.result().status

    assert ("token-1", counter) == (same.me()["value"], same.me()["counter"])


@pytest.mark.parametrize(("store", "after"), [("redis_blob", 200), ("redis_blob_lock", 200), ("redis_atomic", 401)])
def test_a_logout_on_another_replica_meanwhile(programs: Programs, store: str, after: int) -> None:
    """Whoever writes all of the session back brings it back from the dead."""
    race = race_on(programs, store)
    kept = dict(race.here.cookies)
    with ThreadPoolExecutor(1) as pool:
        slow = slowly(race, pool)
        assert 200 == race.there.log_out().status
        assert after == slow.result().status

    assert after == Browser(race.there.address, kept).me().status


def _reads(store: Process) -> int:
    """How many GETs the store has executed, by its own count."""
    with socket.create_connection((store.address.host, store.address.port), timeout=5) as connection:
        connection.sendall(b"INFO commandstats\r\n")
        answer = connection.makefile("rb")
        told = answer.read(int(answer.readline()[1:])).decode()
    calls = [line for line in told.splitlines() if line.startswith("cmdstat_get:")]
    return int(calls[0].split("calls=")[1].split(",")[0]) if calls else 0

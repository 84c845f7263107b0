"""Sessions in memory with copies in Redis: what outlasts a replica, what outlasts the store, and who is right."""

from __future__ import annotations

import signal

import pytest
from tests.compose.browser import Browser
from tests.compose.processes import Process, Programs, eventually

pytestmark = pytest.mark.local

STORES = ["local_copy", "local_copy_async", "local_copy_unchecked"]
SYNCHRONOUS = ["local_copy", "local_copy_unchecked"]


@pytest.fixture
def redis(programs: Programs) -> Process:
    """A store that knows nothing any more when it is started again."""
    return programs.valkey("--save", "")


@pytest.mark.parametrize("store", SYNCHRONOUS)
def test_what_was_acknowledged_outlasts_the_replica(programs: Programs, redis: Process, store: str) -> None:
    """SIGKILL right after the answer: another replica goes on with all of it."""
    app, other = programs.app_on(redis, store), programs.app_on(redis, store, OUTLAST_REPLICA="app-2")
    browser = Browser(app.address)
    browser.log_in("ada")
    browser.write("token-1")
    browser.increment("attempt-1")
    app.end()
    told = Browser(other.address, dict(browser.cookies)).me("?log=1")

    assert ("ada", "token-1", 1, ["attempt-1"]) == (told["user"], told["value"], told["counter"], told["log"])


def test_an_orderly_stop_loses_nothing(programs: Programs, redis: Process) -> None:
    """Copies that were put off are made before the process ends."""
    app, other = (programs.app_on(redis, "local_copy_async", OUTLAST_REPLICA=f"app-{n}") for n in (1, 2))
    browser = Browser(app.address)
    browser.log_in("ada")
    browser.increment("attempt-1")

    assert 0 == app.end(signal.SIGTERM)
    assert 1 == Browser(other.address, dict(browser.cookies)).me()["counter"]


def test_copies_are_made_without_a_stop_too(programs: Programs, redis: Process) -> None:
    """What was put off is done soon, and the last state of it."""
    app, other = (programs.app_on(redis, "local_copy_async", OUTLAST_REPLICA=f"app-{n}") for n in (1, 2))
    browser = Browser(app.address)
    browser.log_in("ada")
    elsewhere = Browser(other.address, dict(browser.cookies))
    eventually(lambda: 200 == elsewhere.me().status, "the login is copied")
    browser.increment("attempt-1")
    browser.increment("attempt-2")
    eventually(lambda: 2 == elsewhere.me()["counter"], "the increments are copied")


def test_nothing_is_put_off_any_more_while_it_drains(programs: Programs, redis: Process) -> None:
    """From SIGTERM on users may be sent elsewhere at any time: what is acknowledged has been copied."""
    app = programs.app_on(redis, "local_copy_async", OUTLAST_DRAIN_S="60")
    other = programs.app_on(redis, "local_copy_async", OUTLAST_REPLICA="app-2")
    browser = Browser(app.address)
    browser.log_in("ada")
    app.send(signal.SIGTERM)
    eventually(lambda: 503 == browser.ask("GET", "/health").status, "it drains")
    counters = [(browser.increment(f"attempt-{n}")["counter"], _at(other, browser).me()["counter"]) for n in range(5)]

    assert [(n, n) for n in range(1, 6)] == counters


def _moved_and_returned(programs: Programs, redis: Process, store: str) -> tuple[Browser, Browser]:
    """A user of one replica who was served by another one meanwhile, asking each of them."""
    home = Browser(programs.app_on(redis, store).address)
    home.log_in("ada")
    home.write("token-1")
    stand_in = _at(programs.app_on(redis, store, OUTLAST_REPLICA="app-2"), home)
    stand_in.write("token-2")
    stand_in.increment("attempt-1")
    return home, stand_in


def test_who_comes_back_finds_what_happened_meanwhile(programs: Programs, redis: Process) -> None:
    """The replica's own memory is older than the copy, and the version tells so: before a read and before a change."""
    home, stand_in = _moved_and_returned(programs, redis, "local_copy")

    assert 2 == home.increment("attempt-2")["counter"]
    assert ("token-2", ["attempt-1", "attempt-2"]) == (home.me()["value"], home.me("?log=1")["log"])
    assert 2 == stand_in.me()["counter"]


def test_memory_that_is_believed_without_a_check_is_old(programs: Programs, redis: Process) -> None:
    """The same user is back where they left, and the next change is copied over what they did elsewhere."""
    home, _ = _moved_and_returned(programs, redis, "local_copy_unchecked")
    stale = home.me()
    home.write("token-3")
    third = _at(programs.app_on(redis, "local_copy_unchecked", OUTLAST_REPLICA="app-3"), home).me()

    assert ("token-1", 0) == (stale["value"], stale["counter"])
    assert ("token-3", 0) == (third["value"], third["counter"])


def test_logout_elsewhere_counts_against_memory(programs: Programs, redis: Process) -> None:
    """A replica that still has the session in memory does not put it back."""
    home, stand_in = _moved_and_returned(programs, redis, "local_copy")
    stand_in.log_out()

    assert [401, 401] == [home.me().status, home.write("token-3").status]
    assert 401 == home.me().status


@pytest.mark.parametrize("store", STORES)
def test_memory_serves_while_the_store_is_dead(programs: Programs, redis: Process, store: str) -> None:
    """All but a logout: it would not count where nobody was told. Who has never been here may well exist: 503."""
    app = programs.app_on(redis, store)
    browser = Browser(app.address)
    browser.log_in("ada")
    redis.end()

    assert [200, 200, 200] == [browser.me().status, browser.write("token-1").status, browser.increment("a").status]
    assert 503 == browser.log_out().status
    assert 503 == Browser(app.address, {"sid": "unknown"}).me().status
    assert ("token-1", 1) == (browser.me()["value"], browser.me()["counter"])
    assert 200 == Browser(app.address).log_in("bob").status


@pytest.mark.parametrize("store", ["local_copy", "local_copy_async"])
def test_an_emptied_store_is_refilled(programs: Programs, redis: Process, store: str) -> None:
    """A session that is asked for is put back, with what was changed while there was no store."""
    app, other = programs.app_on(redis, store), programs.app_on(redis, store, OUTLAST_REPLICA="app-2")
    browser = Browser(app.address)
    browser.log_in("ada")
    redis.end()
    browser.increment("attempt-1")
    programs.valkey("--save", "", address=redis.address)

    def is_known_elsewhere() -> bool:
        assert 1 == browser.me()["counter"]
        return 1 == _at(other, browser).me()["counter"]

    eventually(is_known_elsewhere, "the session is copied again")


def test_closed_connections_are_replaced_and_make_nothing_old(programs: Programs, redis: Process) -> None:
    """A store that restarted between two requests is asked over a new connection, before memory is believed."""
    home, stand_in = _moved_and_returned(programs, redis, "local_copy")
    redis.end()
    programs.valkey("--save", "", address=redis.address)
    stand_in.me()

    assert ("token-2", 1) == (home.me()["value"], home.me()["counter"])


def _at(app: Process, browser: Browser) -> Browser:
    return Browser(app.address, dict(browser.cookies))

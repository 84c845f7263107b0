"""Sessions in a Redis that dies, freezes, loads and returns: "store down" is never "no such session"."""

from __future__ import annotations

import signal
import socket

import pytest
from tests.compose.browser import Browser
from tests.compose.cutting_proxy import CuttingProxy
from tests.compose.processes import Address, Process, Programs, eventually

pytestmark = pytest.mark.local

AOF = ("--save", "", "--appendonly", "yes", "--appendfsync", "always")
"""Not everysec: while a sync is under way, Redis acknowledges writes that it has not yet handed to the kernel."""
SNAPSHOTS = ("--save", "3600 1")
SLOW_TO_LOAD = ("--key-load-delay", "1500", "--loading-process-events-interval-bytes", "1024")
"""Redis's own means for tests: microseconds per key, and how often it looks up from loading."""


def test_every_replica_knows_the_session(programs: Programs) -> None:
    """What one replica acknowledged, another one tells."""
    store = programs.valkey("--save", "")
    browser = Browser(programs.app_on(store).address)
    browser.log_in("ada")
    browser.increment("attempt-1")
    elsewhere = Browser(programs.app_on(store).address, browser.cookies)

    assert 2 == elsewhere.increment("attempt-2")["counter"]
    assert ["attempt-1", "attempt-2"] == browser.me("?log=1")["log"]


def test_dead_store_is_no_missing_session_and_is_found_again(programs: Programs) -> None:
    """503 while it is dead, whatever is asked; all of it back once it is, without a restart of the app."""
    store = programs.valkey(*AOF)
    browser = Browser(programs.app_on(store).address)
    browser.log_in()
    browser.write("token-1")
    store.end()
    during = [
        browser.me().status,
        browser.write("token-2").status,
        browser.increment("attempt-1").status,
        browser.log_out().status,
        Browser(browser.address).log_in().status,
    ]
    programs.valkey(*AOF, address=store.address)
    eventually(lambda: 200 == browser.me().status, "the app finds its store again")

    assert [503] * 5 == during
    assert ("token-1", 0) == (browser.me()["value"], browser.me()["counter"])


def test_closed_connections_are_replaced_and_fail_no_request(programs: Programs) -> None:
    """A store that restarted between two requests costs none of them: its dead connections are noticed in time."""
    store = programs.valkey(*AOF)
    browser = Browser(programs.app_on(store).address)
    browser.log_in()
    store.end()
    store = programs.valkey(*AOF, address=store.address)
    eventually(lambda: "+PONG" == _say(store, "PING"), "the store has loaded")

    assert 200 == browser.increment("attempt-1").status


def test_frozen_store_times_out_and_thaws(programs: Programs) -> None:
    """A store that takes requests and answers none is 503 too; a late answer to one request is never another's."""
    store = programs.valkey("--save", "")
    app = programs.app_on(store)
    ada, bob = Browser(app.address), Browser(app.address)
    ada.log_in("ada")
    bob.log_in("bob")
    store.send(signal.SIGSTOP)
    frozen = ada.me().status
    store.send(signal.SIGCONT)

    assert 503 == frozen
    assert ["bob", "ada"] == [bob.me()["user"], ada.me()["user"]]


def test_increment_is_sent_once(programs: Programs) -> None:
    """An increment that was executed, but whose answer was lost, is not sent again behind the user's back."""
    store = programs.valkey("--save", "")
    with CuttingProxy(store.address) as proxy:
        app = programs.app("redis", OUTLAST_STORE_HOST=proxy.address.host, OUTLAST_STORE_PORT=str(proxy.address.port))
        browser = Browser(app.address)
        browser.log_in()
        browser.increment("attempt-1")
        proxy.cutting = True
        lost = browser.increment("attempt-2").status
        proxy.cutting = False
        told = browser.me("?log=1")
        app.end()

    assert (503, 1) == (lost, proxy.cut)
    assert ["attempt-1", "attempt-2"] == told["log"]


def test_replica_is_healthy_while_its_store_is_dead(programs: Programs) -> None:
    """A balancer must not take out every replica because of the one thing they share."""
    store = programs.valkey("--save", "")
    browser = Browser(programs.app_on(store).address)
    store.end()

    assert 503 == browser.log_in().status
    assert 200 == browser.ask("GET", "/health").status


def test_loading_store_is_no_missing_session(programs: Programs) -> None:
    """While Redis reads its snapshot it says LOADING: that is 503, and the session is there afterwards."""
    store = programs.valkey(*SNAPSHOTS)
    browser = Browser(programs.app_on(store).address)
    browser.log_in("ada")
    assert "+OK" == _say(
        store,
        "EVAL",
        "for i = 1, 1000 do redis.call('SET', 'filler:' .. i, i) end return redis.status_reply('OK')",
        "0",
    )
    store.end(signal.SIGTERM)
    store = programs.valkey(*SNAPSHOTS, *SLOW_TO_LOAD, address=store.address)
    eventually(lambda: _say(store, "PING").startswith("-LOADING"), "the store says that it is loading")
    during = browser.me().status
    eventually(lambda: "+PONG" == _say(store, "PING"), "the store has loaded")

    assert 503 == during
    assert "ada" == browser.me()["user"]


def test_flushed_store_has_no_such_session(programs: Programs) -> None:
    """An empty store that answers is proof that the session is gone: 401."""
    store = programs.valkey("--save", "")
    browser = Browser(programs.app_on(store).address)
    browser.log_in()
    assert "+OK" == _say(store, "FLUSHALL")

    assert 401 == browser.me().status


def test_forgotten_scripts_are_sent_again(programs: Programs) -> None:
    """A store that lost its scripts but not its data costs no request, and no increment counts twice."""
    store = programs.valkey("--save", "")
    browser = Browser(programs.app_on(store).address)
    browser.log_in()
    browser.increment("attempt-1")
    assert "+OK" == _say(store, "SCRIPT", "FLUSH")

    assert 2 == browser.increment("attempt-2")["counter"]


def test_full_store_is_store_trouble(programs: Programs) -> None:
    """A store that refuses to write is 503, and what it has it still tells."""
    store = programs.valkey("--save", "")
    browser = Browser(programs.app_on(store).address)
    browser.log_in()
    assert "+OK" == _say(store, "CONFIG", "SET", "maxmemory", "1")

    assert 503 == browser.write("token-1").status
    assert 200 == browser.me().status


def _say(store: Process, *words: str) -> str:
    """One command over a connection of its own, and the first line of the answer."""
    return _answer(store.address, "".join([f"*{len(words)}\r\n", *(f"${len(word)}\r\n{word}\r\n" for word in words)]))


def _answer(address: Address, command: str) -> str:
    with socket.create_connection((address.host, address.port), timeout=5) as connection:
        connection.sendall(command.encode())
        return connection.makefile("rb").readline().decode().strip()

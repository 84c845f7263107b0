"""The lab as a whole, on both engines: as containers from Debian's packages, and as processes from wheels."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.compose.browser import Browser
from tests.compose.processes import Address, eventually

from outlast.errors import EngineError
from outlast.stacks.engine import choose, open_stack
from outlast.stacks.stack import Node, Stack

ENGINES = [pytest.param("local", marks=pytest.mark.local), pytest.param("compose", marks=pytest.mark.compose)]


@pytest.fixture(params=ENGINES)
def stack(request: pytest.FixtureRequest, architecture: str, tmp_path: Path) -> Iterator[Stack]:
    """The architecture, running."""
    try:
        choose(request.param)
    except EngineError as lacking:
        pytest.skip(str(lacking))
    stack = open_stack(request.param, architecture, f"test-{secrets.token_hex(4)}", tmp_path / "run")
    try:
        stack.start()
        yield stack
    finally:
        stack.remove()


@pytest.fixture
def browser(stack: Stack) -> Browser:
    """A user who has logged in through the balancer and written a value."""
    browser = Browser(Address(stack.door().host, stack.door().port))
    assert "ada" == browser.log_in("ada")["user"]
    assert "token-1" == browser.write("token-1")["value"]
    return browser


@pytest.mark.parametrize("architecture", ["redis-aof"])
def test_shared_store_can_fail_and_return(stack: Stack, browser: Browser) -> None:
    """Every replica knows the session. None takes a dead or frozen store for a missing session, and when it is back
    the first request to each replica already succeeds: no replica needs to be restarted."""
    store = _node(stack, "store")
    replicas = [_at(stack, browser, f"app-{number}") for number in (1, 2, 3)]
    assert ["token-1"] * 3 == [replica.me()["value"] for replica in replicas]

    stack.stop(store, 5.0)
    assert [503] * 3 == [replica.me().status for replica in replicas]
    stack.start_node(store)
    assert ["token-1"] * 3 == [replica.me()["value"] for replica in replicas]

    stack.pause(store)
    assert [503] * 3 == [replica.me().status for replica in replicas]
    stack.resume(store)
    assert ["token-1"] * 3 == [replica.me()["value"] for replica in replicas]


@pytest.mark.parametrize("architecture", ["sticky-disk"])
def test_volume_outlasts_a_recreated_replica(stack: Stack, browser: Browser) -> None:
    """The files are on a volume: a new container of the same replica has the sessions of the old one, and the balancer
    finds it wherever it is now."""
    home = browser.me()["replica"]
    boot = browser.me()["boot"]
    kept = dict(browser.cookies)
    stack.recreate(_node(stack, home))
    returned = Browser(browser.address, kept)

    eventually(lambda: home == Browser(browser.address, dict(kept)).me()["replica"], "the balancer uses it again")
    assert ("ada", "token-1") == (returned.me()["user"], returned.me()["value"])
    assert boot != returned.me()["boot"]


@pytest.mark.parametrize("architecture", ["jwt"])
def test_any_replica_goes_on_with_a_stateless_session(stack: Stack, browser: Browser) -> None:
    """With no store at all, each replica goes on where another one stopped."""
    counters = []
    for number in (1, 2, 3):
        replica = _at(stack, browser, f"app-{number}")
        counters.append(replica.increment(f"attempt-{number}")["counter"])
        browser.cookies = replica.cookies

    assert [1, 2, 3] == counters
    assert ["attempt-1", "attempt-2", "attempt-3"] == browser.me("?log=1")["log"]


def _node(stack: Stack, name: str) -> Node:
    return next(node for node in stack.nodes() if node.name == name)


def _at(stack: Stack, browser: Browser, name: str) -> Browser:
    """The same user, asking a replica without the balancer."""
    address = stack.address(_node(stack, name))
    assert address is not None
    return Browser(Address(address.host, address.port), dict(browser.cookies))

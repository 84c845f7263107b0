"""Signed cookies with a list in Redis: who has logged out is out, as long as the list is there and can be asked."""

from __future__ import annotations

import pytest
from tests.compose.browser import Browser
from tests.compose.processes import Process, Programs, eventually

pytestmark = pytest.mark.local

LISTS = ["jwt_allowlist", "jwt_blocklist", "jwt_blocklist_open"]


@pytest.fixture
def redis(programs: Programs) -> Process:
    """A list that is gone when its process is."""
    return programs.valkey("--save", "")


@pytest.mark.parametrize("store", LISTS)
def test_every_replica_knows_who_has_logged_out(programs: Programs, redis: Process, store: str) -> None:
    """A logout at one replica counts at the others, for each state that the login ever had, and for no other login."""
    browser = Browser(programs.app_on(redis, store).address)
    other = programs.app_on(redis, store, OUTLAST_REPLICA="app-2")
    browser.log_in("ada")
    first = Browser(other.address, dict(browser.cookies))
    browser.increment("attempt-1")
    second = Browser(other.address, dict(browser.cookies))
    again = Browser(other.address)
    again.log_in("ada")
    before = [first.me()["counter"], second.me()["counter"], again.me()["counter"]]
    browser.log_out()

    assert [0, 1, 0] == before
    assert [401, 401, 200] == [first.me().status, second.me().status, again.me().status]


@pytest.mark.parametrize("store", LISTS)
def test_logout_everywhere_spares_later_logins(programs: Programs, redis: Process, store: str) -> None:
    """All logins of the user up to then end, at every replica; a new one counts."""
    browser = Browser(programs.app_on(redis, store).address)
    elsewhere = Browser(programs.app_on(redis, store, OUTLAST_REPLICA="app-2").address)
    browser.log_in("ada")
    elsewhere.log_in("ada")
    browser.log_out("?scope=user")
    ended = elsewhere.me().status
    elsewhere.log_in("ada")

    assert [401, 200] == [ended, elsewhere.me().status]


def test_without_its_list_the_closed_one_lets_nobody_in(programs: Programs, redis: Process) -> None:
    """Who cannot be looked up may have logged out: 503. A login needs no list."""
    browser = Browser(programs.app_on(redis, "jwt_blocklist").address)
    browser.log_in()
    redis.end()

    assert [503, 503, 503] == [browser.me().status, browser.increment("attempt").status, browser.log_out().status]
    assert 200 == browser.log_in().status


def test_without_its_list_the_open_one_lets_all_in(programs: Programs, redis: Process) -> None:
    """Nobody notices the outage; but whoever logged out meanwhile, is not on the list when it is back."""
    browser = Browser(programs.app_on(redis, "jwt_blocklist_open").address)
    browser.log_in()
    kept = Browser(browser.address, dict(browser.cookies))
    redis.end()
    during = [browser.me().status, browser.log_out().status, browser.log_in("bob").status]
    programs.valkey("--save", "", address=redis.address)
    bob = dict(browser.cookies)

    def is_listed_again() -> bool:
        browser.cookies = dict(bob)
        browser.log_out()
        return 401 == Browser(browser.address, bob).me().status

    eventually(is_listed_again, "a logout counts again")

    assert [200, 200, 200] == during
    assert 200 == kept.me().status


def test_without_its_list_the_allowing_one_lets_nobody_in(programs: Programs, redis: Process) -> None:
    """Nor can anybody log in: the new login would be on no list."""
    browser = Browser(programs.app_on(redis, "jwt_allowlist").address)
    browser.log_in()
    redis.end()

    assert [503, 503, 503] == [browser.me().status, browser.log_out().status, browser.log_in().status]


@pytest.mark.parametrize(("store", "alive", "ended"), [("jwt_allowlist", 401, 401), ("jwt_blocklist", 200, 200)])
def test_an_emptied_list(programs: Programs, redis: Process, store: str, alive: int, ended: int) -> None:
    """An empty allow-list logs everybody out; an empty block-list lets everybody in who ever logged out."""
    app = programs.app_on(redis, store)
    browser, leaver = Browser(app.address), Browser(app.address)
    browser.log_in("ada")
    leaver.log_in("bob")
    kept = Browser(app.address, dict(leaver.cookies))
    leaver.log_out()
    redis.end()
    programs.valkey("--save", "", address=redis.address)

    assert [alive, ended] == [browser.me().status, kept.me().status]


def test_key_made_at_boot_dies_with_the_process(programs: Programs) -> None:
    """No other process reads its cookies, not even the same replica's next one."""
    app = programs.app("jwt_boot_key")
    browser = Browser(app.address)
    browser.log_in()
    before = browser.me().status
    elsewhere = Browser(programs.app("jwt_boot_key", OUTLAST_REPLICA="app-2").address, dict(browser.cookies))
    app.end()
    programs.app("jwt_boot_key", app.address)

    assert [200, 401, 401] == [before, elsewhere.me().status, browser.me().status]

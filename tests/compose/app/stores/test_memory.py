"""Sessions in a process's memory: what is lost with it, and what no other replica sees."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import jwt
from tests.compose.browser import Browser
from tests.compose.processes import KEY, Programs


def test_sessions_die_with_the_process(programs: Programs) -> None:
    """A restart forgets every session, and tells so with a new boot."""
    app = programs.app("memory")
    browser = Browser(app.address)
    boot = browser.log_in()["boot"]
    app.end()
    programs.app("memory", app.address)
    told = browser.me()

    assert 401 == told.status
    assert boot != told["boot"]


def test_no_other_replica_knows_a_session(programs: Programs) -> None:
    """A session is known where its login was, and nowhere else."""
    browser = Browser(programs.app("memory").address)
    browser.log_in()
    elsewhere = Browser(programs.app("memory", OUTLAST_REPLICA="app-2").address, browser.cookies)

    assert 401 == elsewhere.me().status
    assert 200 == browser.me().status


def test_a_lock_keeps_what_comes_while_a_slow_write_holds_the_session(programs: Programs) -> None:
    """In the one process that has it: what the slow write read, nobody has changed when it writes."""
    here = Browser(programs.app("memory_lock").address)
    here.log_in()
    there = Browser(here.address, dict(here.cookies))
    with ThreadPoolExecutor(8) as pool:
        slow = [pool.submit(there.ask, "PUT", "/value?slow_ms=300", f"token-{n}") for n in range(2)]
        counted = [pool.submit(here.increment, f"attempt-{n}") for n in range(6)]
        statuses = {asked.result().status for asked in (*slow, *counted)}

    assert {200} == statuses
    assert 6 == here.me()["counter"]


def test_a_token_names_its_replica_and_no_user(programs: Programs) -> None:
    """Signed with a key that all replicas share: what it says is for balancers."""
    here = Browser(programs.app("token_memory", OUTLAST_REPLICA="app-3").address)
    here.log_in("ada")
    claims = jwt.decode(here.cookies["sid"], KEY, algorithms=["HS256"])
    elsewhere = Browser(programs.app("token_memory", OUTLAST_REPLICA="app-2").address, dict(here.cookies))

    assert ("app-3", {"at", "id"}) == (claims["at"], set(claims))
    assert (200, 401) == (here.me().status, elsewhere.me().status)

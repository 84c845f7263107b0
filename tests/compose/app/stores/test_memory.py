"""Sessions in a process's memory: what is lost with it, and what no other replica sees."""

from __future__ import annotations

from tests.compose.browser import Browser
from tests.compose.processes import Programs


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

"""A change is acknowledged only when a replica of the store has it."""

from __future__ import annotations

import signal

import pytest
from tests.compose.app.conftest import followed_by_one
from tests.compose.browser import Browser
from tests.compose.processes import Programs

pytestmark = pytest.mark.local


def test_a_change_that_no_replica_has_is_not_acknowledged(programs: Programs) -> None:
    """503 for each verb that changes something while the replica is frozen; who only reads waits for nobody."""
    primary, replica = followed_by_one(programs)
    browser = Browser(programs.app("sentinel_wait", OUTLAST_SENTINELS=str(programs.sentinel(primary).address)).address)
    browser.log_in()
    replica.send(signal.SIGSTOP)
    refused = [
        browser.write("token-1").status,
        browser.increment("attempt-1").status,
        Browser(browser.address).log_in().status,
    ]
    read = browser.me().status
    replica.send(signal.SIGCONT)

    assert ([503] * 3, 200) == (refused, read)
    assert 2 == browser.increment("attempt-2")["counter"]

"""How many costly requests a session may make: the counts of several replicas, and of all together."""

from __future__ import annotations

import time

import pytest
from tests.compose.browser import Browser
from tests.compose.processes import Process, Programs

pytestmark = pytest.mark.local

PER_S = 5
ASKED = 25
"""Asked of each of four replicas in quick succession: more than any one second admits, however slow the machine."""


def admitted(replicas: list[Process]) -> tuple[int, int]:
    """Costly requests of one session to one replica after the other -> how many were answered, and refused."""
    browser = Browser(replicas[0].address)
    browser.log_in("ada")
    statuses = []
    for _ in range(ASKED):
        for replica in replicas:
            browser.address = replica.address
            statuses.append(browser.ask("GET", "/me?cost_ms=1").status)
    assert {200, 429} == set(statuses)
    return statuses.count(200), statuses.count(429)


def replicas_on(programs: Programs, store: Process, **variables: str) -> list[Process]:
    return [
        programs.app_on(store, OUTLAST_REPLICA=name, OUTLAST_COSTLY_PER_S=str(PER_S), **variables)
        for name in ("app-1", "app-2", "app-3", "app-4")
    ]


@pytest.mark.parametrize(("limiter", "counts"), [("own", 4), ("shared", 1)])
def test_each_count_admits_so_many_a_second(programs: Programs, limiter: str, counts: int) -> None:
    """Four processes that count for themselves admit four times as much as one count for all."""
    replicas = replicas_on(programs, programs.valkey("--save", ""), OUTLAST_LIMITER=limiter)
    begun_s = time.monotonic()
    admits, refused = admitted(replicas)
    seconds = int(time.monotonic() - begun_s) + 2  # whole seconds of the clock that the requests can have met

    assert PER_S * counts <= admits <= PER_S * counts * seconds
    assert refused == 4 * ASKED - admits


@pytest.mark.parametrize(("down", "status"), [("open", 200), ("closed", 429)])
def test_a_shared_count_that_cannot_be_asked(programs: Programs, down: str, status: int) -> None:
    """Everything is admitted or nothing, as was declared; who asks nothing costly is not concerned."""
    store = programs.valkey("--save", "")
    where = {"OUTLAST_STORE_HOST": store.address.host, "OUTLAST_STORE_PORT": str(store.address.port)}
    limited = {"OUTLAST_COSTLY_PER_S": str(PER_S), "OUTLAST_LIMITER": "shared", "OUTLAST_LIMITER_DOWN": down}
    app = programs.app("memory", **where, **limited)
    browser = Browser(app.address)
    browser.log_in("ada")
    store.end()

    assert {status} == {browser.ask("GET", "/me?cost_ms=1").status for _ in range(3 * PER_S)}
    assert 200 == browser.me().status


def test_a_limiter_that_is_unknown_is_refused(programs: Programs) -> None:
    """One sentence, and no app."""
    failed = programs.fails({"OUTLAST_LIMITER": "none"})

    assert 2 == failed.returncode
    assert "OUTLAST_LIMITER must be own or shared; it is 'none'." in failed.stderr

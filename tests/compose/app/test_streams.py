"""Streams of the app: the same at each making, from any item on, for whoever has a session."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from tests.compose.browser import Browser
from tests.compose.processes import Programs, eventually, free_address

pytestmark = pytest.mark.local

LENGTH = 30


def lines(browser: Browser, number: str = "1", first: int = LENGTH - 2) -> list[str]:
    return browser.ask("GET", f"/stream?number={number}&from={first}").body.decode().splitlines()


def test_a_stream_is_the_same_wherever_it_is_made(programs: Programs) -> None:
    """It follows from whose it is and from its number; another's, or another number, is another stream."""
    one, other = Browser(programs.app("memory").address), Browser(programs.app("memory").address)
    one.log_in("ada")
    other.log_in("ada")
    made = lines(one)

    assert ["28", "29", "end"] == [line.split()[0] for line in made]
    assert made == lines(one) == lines(other)
    assert not set(made[:2]) & set(lines(one, "2"))
    other.log_in("bob")
    assert not set(made[:2]) & set(lines(other))


def test_without_a_session_there_is_no_stream(programs: Programs) -> None:
    """As any other request, and signed by the app."""
    told = Browser(programs.app("memory").address).ask("GET", "/stream?number=1")

    assert (401, "app-1") == (told.status, told.headers["x-outlast-replica"])


@pytest.mark.parametrize("query", ["", "number=", "number=1&from=31", "number=1&from=-1", "number=1&from=x"])
def test_a_bad_request_for_a_stream_is_refused(programs: Programs, query: str) -> None:
    """Nothing is begun for it."""
    browser = Browser(programs.app("memory").address)
    browser.log_in()

    assert 400 == browser.ask("GET", f"/stream?{query}").status


def test_a_twin_has_made_what_it_was_told_of(programs: Programs) -> None:
    """It need not begin anew when it is asked: that shows in the time, against a replica that was told nothing."""
    twin = programs.app("disk", OUTLAST_REPLICA="app-2")
    master = programs.app("disk", OUTLAST_TWIN=str(twin.address))
    at_master, at_twin = Browser(master.address), Browser(twin.address)
    at_master.log_in("ada")
    at_twin.log_in("ada")
    lines(at_master)

    told, untold = _seconds(at_twin, "1"), _seconds(at_twin, "2")

    assert untold > told
    assert lines(at_twin, "1") == lines(at_master, "1")


def test_a_twin_that_is_away_is_done_without(programs: Programs) -> None:
    """Nobody waits for it."""
    browser = Browser(programs.app("memory", OUTLAST_TWIN=str(free_address())).address)
    browser.log_in()

    assert 3 == len(lines(browser))


def test_an_object_server_that_is_silent_is_done_without(programs: Programs, tmp_path: Path) -> None:
    """The stream is made; the client of the session store may not get into the way of that."""
    silent = programs.objects(tmp_path / "objects")
    silent.send(signal.SIGSTOP)
    browser = Browser(programs.app_on(programs.valkey(), OUTLAST_STREAM_COPIES=str(silent.address)).address)
    browser.log_in()
    for number in range(3):
        browser.me()
        assert 3 == len(lines(browser, str(number)))


def test_a_copy_is_found_by_who_has_not_made_it(programs: Programs, tmp_path: Path) -> None:
    """Copied once it is made; from then on nobody makes it again."""
    copies = programs.objects(tmp_path / "objects")
    maker, other = (Browser(programs.app("disk", OUTLAST_STREAM_COPIES=str(copies.address)).address) for _ in (1, 2))
    maker.log_in("ada")
    other.log_in("ada")
    lines(maker)
    eventually(lambda: any((tmp_path / "objects").glob("[!.]*")), "the stream was copied")

    found, unknown = _seconds(other, "1"), _seconds(other, "2")

    assert unknown > found
    assert lines(other, "1") == lines(maker, "1")


def _seconds(browser: Browser, number: str) -> float:
    """For the last two items, which are sent as soon as they are made."""
    began = time.monotonic()
    assert 3 == len(lines(browser, number))
    return time.monotonic() - began

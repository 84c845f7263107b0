"""Sessions in signed cookies: valid on every replica with the same key, and forged by nobody without it."""

from __future__ import annotations

import base64
import json

from tests.compose.browser import Browser
from tests.compose.processes import KEY, Programs


def test_every_replica_with_the_key_knows_the_session(programs: Programs) -> None:
    """Nothing is kept on a server, so any of them goes on where another stopped."""
    browser = Browser(programs.app("jwt").address)
    browser.log_in("ada")
    browser.increment("attempt-1")
    elsewhere = Browser(programs.app("jwt", OUTLAST_REPLICA="app-2").address, browser.cookies)

    assert ("ada", 1) == (elsewhere.me()["user"], elsewhere.me()["counter"])


def test_another_key_knows_nobody(programs: Programs) -> None:
    """A cookie that was signed with another key is no session."""
    browser = Browser(programs.app("jwt").address)
    browser.log_in()

    assert 401 == Browser(programs.app("jwt", OUTLAST_KEY=KEY[::-1]).address, browser.cookies).me().status


def test_unsigned_and_altered_cookies_are_nobody(programs: Programs) -> None:
    """Neither `alg: none` nor another user under an old signature is let in."""
    app = programs.app("jwt")
    browser = Browser(app.address)
    browser.log_in("ada")
    head, _, signature = browser.cookies["sid"].split(".")
    claims = _segment({"user": "eve", "value": None, "counter": 0, "log": []})
    unsigned = _segment({"alg": "none", "typ": "JWT"})

    for forged in (f"{head}.{claims}.{signature}", f"{unsigned}.{claims}.", f"{unsigned}.{claims}.{signature}"):
        assert 401 == Browser(app.address, {"sid": forged}).me().status


def test_old_cookie_is_an_old_session(programs: Programs) -> None:
    """Every change is a new cookie, and who presents the old one is back at its state."""
    app = programs.app("jwt")
    browser = Browser(app.address)
    browser.log_in()
    old = Browser(app.address, dict(browser.cookies))
    browser.write("token-1")

    assert "token-1" == browser.me()["value"]
    assert old.me()["value"] is None


def test_reading_changes_no_cookie(programs: Programs) -> None:
    """Two tabs that only read do not fight over the cookie."""
    browser = Browser(programs.app("jwt").address)
    browser.log_in()

    assert () == browser.me().cookies


def test_value_that_no_cookie_can_hold_is_refused(programs: Programs) -> None:
    """A browser would drop the cookie and with it the session: 413, and the session stays as it was."""
    browser = Browser(programs.app("jwt").address)
    browser.log_in()
    browser.write("token-1")

    assert 413 == browser.write("x" * 4000).status
    assert "token-1" == browser.me()["value"]


def test_short_key_is_refused_at_the_start(programs: Programs) -> None:
    """A key that can be guessed is no key."""
    failed = programs.fails({"OUTLAST_STORE": "jwt", "OUTLAST_KEY": "short"})

    assert 2 == failed.returncode
    assert "OUTLAST_KEY must have at least 32 characters." in failed.stderr


def _segment(fields: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).rstrip(b"=").decode()

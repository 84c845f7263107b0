"""Sessions as files: they outlive the process, and a cookie is never a path."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.compose.browser import Browser
from tests.compose.processes import Programs


def test_sessions_outlive_a_killed_process(programs: Programs) -> None:
    """All that was acknowledged is there after SIGKILL and a new start."""
    app = programs.app("disk")
    browser = Browser(app.address)
    boot = browser.log_in()["boot"]
    browser.write("token-1")
    browser.increment("attempt-1")
    app.end()
    programs.app("disk", app.address)
    told = browser.me("?log=1")

    assert ("token-1", 1, ["attempt-1"]) == (told["value"], told["counter"], told["log"])
    assert boot != told["boot"]


def test_ended_sessions_stay_ended_after_a_restart(programs: Programs) -> None:
    """A logout removes the file."""
    app = programs.app("disk")
    browser = Browser(app.address)
    browser.log_in()
    kept = Browser(app.address, dict(browser.cookies))
    browser.log_out()
    app.end()
    programs.app("disk", app.address)

    assert 401 == kept.me().status


def test_a_write_that_was_cut_short_hurts_no_session(programs: Programs, tmp_path: Path) -> None:
    """A file is replaced as a whole: half a new one beside it is nobody's session, and in nobody's way."""
    app = programs.app("disk")
    browser = Browser(app.address)
    browser.log_in()
    browser.write("token-1")
    scratch = tmp_path / "data" / "sessions" / f"{browser.cookies['sid']}.new"
    scratch.write_text('{"user": "a')

    assert "token-1" == browser.me()["value"]
    assert 401 == Browser(app.address, {"sid": scratch.name}).me().status
    assert "token-2" == browser.write("token-2")["value"]


def test_a_file_is_replaced_and_never_rewritten(programs: Programs, tmp_path: Path) -> None:
    """Whoever has the old file open still reads all of it: at no moment is a session half written."""
    browser = Browser(programs.app("disk").address)
    browser.log_in()
    browser.write("token-1")
    file = tmp_path / "data" / "sessions" / browser.cookies["sid"]
    with file.open() as opened:
        browser.write("token-2")
        old = json.load(opened)

    assert ("token-1", "token-2") == (old["value"], json.loads(file.read_text())["value"])


@pytest.mark.parametrize("cookie", ["../stolen", "stolen", "./stolen", "%2e%2e/stolen"])
def test_cookie_is_never_a_path(programs: Programs, tmp_path: Path, cookie: str) -> None:
    """A file that the app has not named itself is no session, wherever the cookie points."""
    browser = Browser(programs.app("disk").address, {"sid": cookie})
    for folder in (tmp_path / "data", tmp_path / "data" / "sessions"):
        (folder / "stolen").write_text(json.dumps({"user": "eve", "value": None, "counter": 0, "log": []}))

    assert 401 == browser.me().status
    assert 401 == browser.log_out("?scope=user").status
    assert (tmp_path / "data" / "stolen").exists()


def test_disk_trouble_is_no_missing_session(programs: Programs, tmp_path: Path) -> None:
    """A session whose file cannot be read may well exist: 503, not 401."""
    app = programs.app("disk")
    browser = Browser(app.address)
    browser.log_in()
    file = tmp_path / "data" / "sessions" / browser.cookies["sid"]
    content = file.read_bytes()
    file.unlink()
    file.mkdir()
    during = browser.me().status
    file.rmdir()
    file.write_bytes(content)

    assert 503 == during
    assert 200 == browser.me().status

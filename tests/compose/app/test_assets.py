"""The assets of a page: each build has its own, and which of them a replica has is a setting."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.compose.browser import Browser
from tests.compose.processes import Programs

pytestmark = pytest.mark.local


def browse(programs: Programs, **variables: str) -> tuple[Browser, list[str]]:
    """A browser, and all that its page asks for."""
    browser = Browser(programs.app("memory", **variables).address)
    browser.log_in("ada")
    page = browser.ask("GET", "/page")
    assert "ada" == page["user"]
    return browser, [*page["assets"], *page["assets_later"]]


def status(browser: Browser, path: str) -> int:
    return browser.ask("GET", path).status


def test_a_page_tells_its_assets_and_they_are_there(programs: Programs) -> None:
    """With who served them; and a browser may keep them for ever, for their names tell what is in them."""
    browser, paths = browse(programs, OUTLAST_BUILD="b")

    assert len(paths) == len(set(paths)) == 3
    for path in paths:
        told = browser.ask("GET", path)
        assert (200, "b", "app-1") == (told.status, told.headers["x-outlast-build"], told.headers["x-outlast-replica"])
        assert "immutable" in told.headers["cache-control"]
        assert b"build b" in told.body


def test_a_page_without_a_session_has_assets_too(programs: Programs) -> None:
    """The login page has a style."""
    told = Browser(programs.app("memory").address).ask("GET", "/page")

    assert (401, None) == (told.status, told["user"])
    assert told["assets"]


def test_another_build_has_other_assets_and_this_one_lacks_them(programs: Programs) -> None:
    """That is what a rolling deployment trips over; a missing one must not be kept by anybody."""
    old, old_paths = browse(programs, OUTLAST_BUILD="a")
    new, new_paths = browse(programs, OUTLAST_BUILD="b")

    assert not set(old_paths) & set(new_paths)
    assert {404} == {status(old, path) for path in new_paths} == {status(new, path) for path in old_paths}
    assert "no-store" == old.ask("GET", new_paths[0]).headers["cache-control"]


def test_assets_of_both_builds_can_be_kept(programs: Programs) -> None:
    """Before the switch and after it."""
    old, old_paths = browse(programs, OUTLAST_BUILD="a", OUTLAST_ASSETS_OF="a,b")
    new, new_paths = browse(programs, OUTLAST_BUILD="b", OUTLAST_ASSETS_OF="a,b")

    assert {200} == {status(browser, path) for browser in (old, new) for path in (*old_paths, *new_paths)}


def test_assets_can_be_shared(programs: Programs, tmp_path: Path) -> None:
    """Who comes later adds its own, for all, and takes nothing away."""
    folder = str(tmp_path / "assets")
    old, old_paths = browse(programs, OUTLAST_BUILD="a", OUTLAST_ASSETS_FOLDER=folder)
    new, new_paths = browse(programs, OUTLAST_BUILD="b", OUTLAST_ASSETS_FOLDER=folder)

    assert {200} == {status(browser, path) for browser in (old, new) for path in (*old_paths, *new_paths)}


@pytest.mark.parametrize("path", ["/assets/", "/assets/..", "/assets/../secret", "/assets/.hidden", "/assets/%2e%2e"])
def test_nothing_else_can_be_had(programs: Programs, tmp_path: Path, path: str) -> None:
    """A path is no way out of the folder."""
    (tmp_path / "secret").write_text("secret")
    browser, _ = browse(programs, OUTLAST_ASSETS_FOLDER=str(tmp_path / "assets"))
    (tmp_path / "assets" / ".hidden").write_text("secret")

    assert 404 == status(browser, path)

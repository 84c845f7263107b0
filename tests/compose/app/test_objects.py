"""The lab's object server: what was put under a name is what is got, and there is no way out of its folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.compose.browser import Browser
from tests.compose.processes import Programs

pytestmark = pytest.mark.local


def test_what_was_put_is_got(programs: Programs, tmp_path: Path) -> None:
    """The newest, whole; also by another process on the same folder."""
    for _ in range(2):
        browser = Browser(programs.objects(tmp_path / "objects").address)
        assert 201 == browser.ask("PUT", "/name", b"old").status
        assert 201 == browser.ask("PUT", "/name", b"new").status
        assert (200, b"new") == ((told := browser.ask("GET", "/name")).status, told.body)
    assert b"new" == Browser(programs.objects(tmp_path / "objects").address).ask("GET", "/name").body


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/none", b"", 404),
        ("GET", "/../secret", b"", 404),
        ("GET", "/.hidden", b"", 404),
        ("PUT", "/a/b", b"x", 404),
        ("PUT", "/%2e%2e%2fsecret", b"x", 404),
        ("DELETE", "/name", b"", 405),
        ("PUT", "/name", b"x" * 5000, 413),
        ("GET", "/health", b"", 200),
    ],
)
def test_what_else_may_be_asked(
    programs: Programs, tmp_path: Path, method: str, path: str, body: bytes, status: int
) -> None:
    """No other verb, no other folder, nothing larger than the lab needs."""
    (tmp_path / "secret").write_text("secret")

    assert status == Browser(programs.objects(tmp_path / "objects").address).ask(method, path, body).status
    assert "secret" == (tmp_path / "secret").read_text()

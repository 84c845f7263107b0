"""The shop of `shop.py` as a process, and the recipes that fit it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from outlast.drivers.recipe import Recipe

PAGES: dict[str, Any] = {
    "session": {"cookie": "sid"},
    "accounts": {"name": "shopper-{number}", "password": "pw-{name}"},
    "gone": [{"redirect": "/login*"}],
    "login": [
        {"get": "/login", "take": {"csrf": {"css": "input[name=csrf]", "attribute": "value"}}},
        {
            "post": "/login",
            "form": {"user": "{name}", "password": "{password}", "csrf": "{csrf}"},
            "expect": {"status": 303},
        },
    ],
    "read": {
        "steps": [{"get": "/page"}],
        "user": {"css": "#who"},
        "value": {"regex": "<i id=value>([^<]*)</i>"},
        "counter": {"css": "#count"},
    },
    "write": [{"post": "/value", "form": {"value": "{token}"}, "follow": 1}],
    "increment": {"steps": [{"post": "/count", "follow": 1}], "counter": {"css": "#count"}},
    "logout": [{"post": "/logout"}],
}
"""Pages, a form with a CSRF token, redirects."""

BEARER = {"Authorization": "Bearer {bearer}"}
API: dict[str, Any] = {
    "session": {"held": "bearer"},
    "hold": ["bearer"],
    "login": [{"post": "/api/login", "json": {"user": "{user}"}, "take": {"bearer": {"json": "$.auth.token"}}}],
    "read": {
        "steps": [{"get": "/api/me", "headers": BEARER}],
        "user": {"json": "$.user"},
        "value": {"json": "$.value"},
        "counter": {"json": "$.count"},
    },
    "write": [{"post": "/api/value", "headers": BEARER, "json": {"value": "{token}"}}],
    "increment": {"steps": [{"post": "/api/count", "headers": BEARER}], "counter": {"json": "$.count"}},
    "logout": [{"post": "/api/logout", "headers": BEARER}],
}
"""A token in a JSON body, sent back in a header."""


@dataclass(frozen=True)
class At:
    """Where a shop listens."""

    port: int
    host: str = "127.0.0.1"


@contextmanager
def shop(*habits: str) -> Iterator[At]:
    """A shop with these habits, until the body ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = subprocess.Popen([sys.executable, "-m", "tests.drivers.shop", str(port), *habits])
    try:
        deadline = time.monotonic() + 30
        while not _accepts(port):
            assert process.poll() is None, "the shop has ended"
            assert time.monotonic() < deadline, "the shop does not open"
            time.sleep(0.02)
        yield At(port)
    finally:
        process.kill()
        process.wait()


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def recipe(base: dict[str, Any], **changed: Any) -> Recipe:
    """A recipe, with some of its parts changed; None takes one away."""
    parts = {**base, **changed}
    return Recipe.model_validate({name: part for name, part in parts.items() if part is not None})

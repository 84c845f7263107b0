"""The app, once with every way of keeping sessions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.compose.browser import Browser
from tests.compose.processes import Process, Programs

LISTED = ("jwt_allowlist", "jwt_blocklist", "jwt_blocklist_open")
COPIED = ("local_copy", "local_copy_async", "local_copy_unchecked")
ON_REDIS = ("redis", *LISTED, *COPIED)
STORES = ["memory", "disk", "jwt", *(pytest.param(name, marks=pytest.mark.local) for name in (*ON_REDIS, "sentinel"))]


@pytest.fixture(scope="module", params=STORES)
def store(request: pytest.FixtureRequest) -> str:
    """The name of each store."""
    return str(request.param)


@pytest.fixture(scope="module")
def app(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """The running app, with a real Redis beside it where it needs one. Sessions are a test's own, the app is shared."""
    programs = Programs(tmp_path_factory.mktemp(store))
    try:
        yield started(programs, store)
    finally:
        programs.end()


def started(programs: Programs, store: str) -> Process:
    """The app on that store, and before it whatever the store needs."""
    if store in ON_REDIS:
        return programs.app_on(programs.valkey("--save", ""), store)
    if store == "sentinel":
        return programs.app(store, OUTLAST_SENTINELS=str(programs.sentinel(programs.valkey("--save", "")).address))
    return programs.app(store)


@pytest.fixture
def browser(app: Process) -> Browser:
    """A browser without cookies."""
    return Browser(app.address)

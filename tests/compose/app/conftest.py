"""The app, once with every way of keeping sessions."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from tests.compose.browser import Browser
from tests.compose.processes import Process, Programs, eventually

LISTED = ("jwt_allowlist", "jwt_blocklist", "jwt_blocklist_open")
COPIED = ("local_copy", "local_copy_async", "local_copy_unchecked")
WHOLE = ("redis_blob", "redis_blob_lock", "redis_atomic")
ON_REDIS = ("redis", *WHOLE, *LISTED, *COPIED)
UNDER_SENTINEL = ("sentinel", "sentinel_wait")
LOCAL = (*ON_REDIS, *UNDER_SENTINEL)
STORES = [
    "memory",
    "memory_lock",
    "token_memory",
    "disk",
    "jwt",
    *(pytest.param(name, marks=pytest.mark.local) for name in LOCAL),
]


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
    if store in UNDER_SENTINEL:
        primary, _ = followed_by_one(programs)
        return programs.app(store, OUTLAST_SENTINELS=str(programs.sentinel(primary).address))
    return programs.app(store)


def followed_by_one(programs: Programs) -> tuple[Process, Process]:
    """A Redis, and a replica that has all of it."""
    primary = programs.valkey("--save", "", "--repl-diskless-sync-delay", "0")
    replica = programs.valkey("--save", "", "--replicaof", primary.address.host, str(primary.address.port))
    eventually(lambda: "link:up" in _told(replica), "the replica is linked")
    return primary, replica


def _told(replica: Process) -> str:
    with socket.create_connection((replica.address.host, replica.address.port), timeout=5) as connection:
        connection.sendall(b"INFO replication\r\n")
        answer = connection.makefile("rb")
        return answer.read(int(answer.readline()[1:])).decode().replace("master_link_status", "link")


@pytest.fixture
def browser(app: Process) -> Browser:
    """A browser without cookies."""
    return Browser(app.address)

"""Sessions as rows of one MariaDB that all replicas share: durable at each commit, and all depend on the one."""

from __future__ import annotations

import asyncio
import json
import queue
import secrets
import select
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

import pymysql

from outlast_lab_app.session import Session
from outlast_lab_app.settings import Settings
from outlast_lab_app.stores.store import Kept, StoreUnavailable

CONNECTIONS: Final = 8
FIND: Final = "SELECT user, value, counter, log FROM session WHERE cookie = %s"
T = TypeVar("T")


def make(settings: Settings) -> MariaDBStore:
    """Some connections that are made as they are needed; the database is first met by the first verb."""
    return MariaDBStore(settings.store_host, settings.store_port, settings.store_timeout_s)


class MariaDBStore:
    """A row per session. Every verb is one transaction, sent once, by one of a few threads.

    What begins a transaction changes nothing, so it alone is sent again over a new connection when an idle one turns
    out to be dead. A commit whose answer is lost may have happened: `StoreUnavailable`, and nothing is repeated.
    """

    def __init__(self, host: str, port: int, timeout_s: float) -> None:
        self._settings: dict[str, Any] = {
            "host": host,
            "port": port,
            "user": "lab",
            "database": "sessions",
            "charset": "utf8mb4",
            "connect_timeout": timeout_s,
            "read_timeout": timeout_s,
            "write_timeout": timeout_s,
        }
        self._threads = ThreadPoolExecutor(max_workers=CONNECTIONS, thread_name_prefix="mariadb")
        self._idle: queue.SimpleQueue[Any] = queue.SimpleQueue()

    async def login(self, user: str) -> Kept:
        cookie = secrets.token_urlsafe(24)
        insert = "INSERT INTO session (cookie, user, counter, log) VALUES (%s, %s, 0, '[]')"
        await self._run(lambda rows: rows.execute(insert, (cookie, user)))
        return Kept(Session(user), cookie)

    async def read(self, cookie: str, *, with_log: bool) -> Kept | None:
        session = await self._run(lambda rows: _found(rows, cookie))
        return None if session is None else Kept(session)

    async def write(self, cookie: str, value: str) -> Kept | None:
        return await self._run(lambda rows: _changed(rows, cookie, lambda session: session.written(value)))

    async def increment(self, cookie: str, attempt: str) -> Kept | None:
        return await self._run(lambda rows: _changed(rows, cookie, lambda session: session.incremented(attempt)))

    async def logout(self, cookie: str, *, everywhere: bool) -> bool:
        def end(rows: Any) -> bool:
            session = _found(rows, cookie, " FOR UPDATE")
            if session is not None and everywhere:
                rows.execute("DELETE FROM session WHERE user = %s", (session.user,))
            elif session is not None:
                rows.execute("DELETE FROM session WHERE cookie = %s", (cookie,))
            return session is not None

        return await self._run(end)

    async def close(self) -> None:
        self._threads.shutdown()
        while not self._idle.empty():
            self._idle.get().close()

    async def _run(self, work: Callable[[Any], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._transact, work)
        except (pymysql.Error, OSError) as error:  # down, frozen, locked, read-only: in no case "no such session"
            raise StoreUnavailable(f"{type(error).__name__}: {error}") from error

    def _transact(self, work: Callable[[Any], T]) -> T:
        connection = self._begun()
        try:
            with connection.cursor() as rows:
                done = work(rows)
            connection.commit()
        except BaseException:
            connection.close()  # a late answer to this one must never be another's
            raise
        self._idle.put(connection)
        return done

    def _begun(self) -> Any:
        """A connection in a new transaction."""
        while not self._idle.empty():
            connection = self._idle.get_nowait()
            if not select.select([connection._sock], [], [], 0)[0]:  # nothing may come unasked but the end
                try:
                    connection.begin()
                except (pymysql.Error, OSError):
                    connection.close()
                    continue
                return connection
            connection.close()
        connection = pymysql.connect(**self._settings)
        connection.begin()
        return connection


def _found(rows: Any, cookie: str, lock: str = "") -> Session | None:
    rows.execute(FIND + lock, (cookie,))
    row = rows.fetchone()
    return None if row is None else Session(row[0], row[1], row[2], tuple(json.loads(row[3])))


def _changed(rows: Any, cookie: str, change: Callable[[Session], Session]) -> Kept | None:
    before = _found(rows, cookie, " FOR UPDATE")
    if before is None:
        return None
    after = change(before)
    fields = (after.value, after.counter, json.dumps(after.log), cookie)
    rows.execute("UPDATE session SET value = %s, counter = %s, log = %s WHERE cookie = %s", fields)
    return Kept(after)

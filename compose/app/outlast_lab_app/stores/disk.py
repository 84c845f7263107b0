"""Sessions as files on this replica's own disk: they outlive the process, but only this replica reaches them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from outlast_lab_app.session import Session
from outlast_lab_app.settings import Settings
from outlast_lab_app.stores.store import Kept, StoreUnavailable

COOKIE: Final = re.compile(r"[0-9a-f]{16}-[0-9a-f]{32}")
T = TypeVar("T")


def make(settings: Settings) -> DiskStore:
    """The sessions in the folder `sessions` of the data folder, which is made if it is missing."""
    return DiskStore(settings.data / "sessions")


class DiskStore:
    """One file per session, replaced as a whole and synced before it is acknowledged.

    All file work is done by one thread: verbs on a session never overlap, and the event loop never waits for the disk.
    A cookie is also the file's name and begins with the user's hash, so that all sessions of a user are found by name.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="disk")

    async def login(self, user: str) -> Kept:
        cookie = f"{hashlib.sha256(user.encode()).hexdigest()[:16]}-{secrets.token_hex(16)}"
        session = Session(user)
        await self._run(lambda: self._save(cookie, session))
        return Kept(session, cookie)

    async def read(self, cookie: str, *, with_log: bool) -> Kept | None:
        session = await self._run(lambda: self._load(cookie))
        return None if session is None else Kept(session)

    async def write(self, cookie: str, value: str) -> Kept | None:
        return await self._run(lambda: self._change(cookie, lambda session: session.written(value)))

    async def increment(self, cookie: str, attempt: str) -> Kept | None:
        return await self._run(lambda: self._change(cookie, lambda session: session.incremented(attempt)))

    async def logout(self, cookie: str, *, everywhere: bool) -> bool:
        return await self._run(lambda: self._remove(cookie, everywhere))

    async def close(self) -> None:
        self._thread.shutdown()

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except OSError as error:
            raise StoreUnavailable(str(error)) from error

    def _change(self, cookie: str, change: Callable[[Session], Session]) -> Kept | None:
        before = self._load(cookie)
        if before is None:
            return None
        after = change(before)
        self._save(cookie, after)
        return Kept(after)

    def _load(self, cookie: str) -> Session | None:
        if not COOKIE.fullmatch(cookie):  # it comes from outside and is about to be a file's name
            return None
        try:
            fields = json.loads((self._folder / cookie).read_bytes())
        except FileNotFoundError:
            return None
        return Session(fields["user"], fields["value"], fields["counter"], tuple(fields["log"]))

    def _save(self, cookie: str, session: Session) -> None:
        fields = {"user": session.user, "value": session.value, "counter": session.counter, "log": session.log}
        scratch = self._folder / f"{cookie}.new"
        with scratch.open("wb") as file:
            file.write(json.dumps(fields).encode())
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(self._folder / cookie)
        self._sync_names()

    def _remove(self, cookie: str, everywhere: bool) -> bool:
        if self._load(cookie) is None:
            return False
        pattern = f"{cookie[:16]}-*" if everywhere else cookie
        for file in self._folder.glob(pattern):
            file.unlink(missing_ok=True)
        self._sync_names()
        return True

    def _sync_names(self) -> None:
        """A renamed or removed file is durable only when its folder is."""
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

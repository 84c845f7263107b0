"""The contract of a store: what the app asks of any way to keep sessions."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, cast, runtime_checkable

import outlast_lab_app.stores
from outlast_lab_app.session import Session
from outlast_lab_app.settings import Settings, SettingsError


class StoreUnavailable(Exception):
    """The store cannot be asked now: nothing is known about the session, least of all that it does not exist."""


class ValueTooLarge(Exception):
    """This way of keeping sessions has no room for the value."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A session as it is now, and the cookie to hold from now on if that is another one than before."""

    session: Session
    cookie: str | None = None


class Store(Protocol):
    """One way of keeping sessions. `cookie` is whatever the client sent; None as an answer: there is no such session.

    Every verb may raise `StoreUnavailable`. What is answered has been kept, as well as this architecture keeps things.
    """

    async def login(self, user: str) -> Kept:
        """A new session, always with a new cookie."""
        ...

    async def read(self, cookie: str, *, with_log: bool) -> Kept | None:
        """The session as it is; its log may be left out unless `with_log`."""
        ...

    async def write(self, cookie: str, value: str) -> Kept | None:
        """Replace the value; `ValueTooLarge` where it does not fit."""
        ...

    async def increment(self, cookie: str, attempt: str) -> Kept | None:
        """Count one more and log the attempt. No attempt is refused for having been executed before."""
        ...

    async def logout(self, cookie: str, *, everywhere: bool) -> bool:
        """End the session, or all sessions of its user; False: there was no such session."""
        ...

    async def close(self) -> None:
        """Give back what is open."""
        ...


@runtime_checkable
class HoldsWhole(Protocol):
    """A store that writes a session back as a whole: a request that takes its time writes what it read at its start."""

    async def write_slowly(self, cookie: str, value: str, pause: Callable[[], Awaitable[None]]) -> Kept | None:
        """As `write`, with a pause between reading the session and writing it."""
        ...


@runtime_checkable
class Drains(Protocol):
    """A store that owes something to somebody else, and pays when its process is about to stop."""

    async def drain(self) -> None:
        """SIGTERM has come: from now on nothing is put off. The app still serves."""
        ...


def open_store(settings: Settings) -> Store:
    """The store that the settings name: `make(settings)` of the module of that name beside this one."""
    known = sorted(module.name for module in pkgutil.iter_modules(outlast_lab_app.stores.__path__))
    known.remove("store")
    if settings.store not in known:
        raise SettingsError(f"OUTLAST_STORE must be one of {', '.join(known)}; it is {settings.store!r}.")
    module = importlib.import_module(f"outlast_lab_app.stores.{settings.store}")
    return cast(Store, module.make(settings))

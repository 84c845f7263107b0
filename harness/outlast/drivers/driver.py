"""The contract of a driver: how to speak to an app, without any input or output of its own.

A driver yields requests and is sent responses; whoever runs it (the load, the audit, a probe) brings the HTTP library:

    talk = driver.perform(act)
    request = next(talk)
    ... talk.send(response) -> the next request, or StopIteration whose value is the Answer
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from outlast.history.operation import Kind, Outcome, Scope, Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a user wants done. `user` is the account's name; `token` what to write; `attempt` the idempotency key."""

    kind: Kind
    user: str
    token: str | None = None
    attempt: str | None = None
    scope: Scope = Scope.SESSION
    with_effects: bool = False
    """Ask the app for its log of executed attempts, where it keeps one."""
    slow_s: float = 0.0
    """Of a write: how long the app shall sleep between reading the session and writing it; of an increment: between
    executing it and answering (`Slowing` drivers)."""
    as_page: bool = False
    """Of a read: open a page, which tells its assets too (drivers that can ask for assets)."""
    path: str = ""
    """Of an asset: what to ask for."""
    cost_s: float = 0.0
    """Of a read: how long the app shall compute before it answers (`Computing` drivers)."""
    held: tuple[tuple[str, str], ...] = ()
    """What the session's login held, by name: a token that the driver sends itself (`Holding` drivers)."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; the caller adds Host and Cookie."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response, read to its end (cut off at the caller's limit)."""

    status: int
    headers: Mapping[str, str]
    """Lower-case names; of repeated ones the last (cookies are the caller's business)."""
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the app's answer means, in the words of `outlast-history/1`. `value` counts only if `has_value`."""

    outcome: Outcome
    seen: Seen | None = None
    has_value: bool = False
    value: str | None = None
    counter: int | None = None
    user: str | None = None
    replica: str | None = None
    boot: str | None = None
    build: str | None = None
    effects: tuple[str, ...] | None = None
    effects_offset: int = 0
    assets: tuple[str, ...] = ()
    """Of a page: what a browser asks for at once."""
    assets_later: tuple[str, ...] = ()
    """Of a page: what it asks for when the user gets there."""
    held: tuple[tuple[str, str], ...] = ()
    """Of a login: what is to be kept beside the session's cookies, and given back with each act (`Holding` drivers)."""


Talk = Generator[Request, Response, Answer]


class Driver(Protocol):
    """How to speak to one app."""

    name: str
    session_cookie: str
    """Name of the cookie that is the session."""
    can: frozenset[Kind]
    """What the app offers; the rest is not judged, and the verdict says so."""

    def perform(self, act: Act) -> Talk:
        """One act as a conversation. Garbage in an answer is `Outcome.UNKNOWN`, never an exception."""
        ...


@runtime_checkable
class Slowing(Protocol):
    """A further power: the app has slow writes and increments, so `Act.slow_s` is heeded."""

    slows: bool


@runtime_checkable
class Computing(Protocol):
    """A further power: the app has reads that cost computing, so `Act.cost_s` is heeded."""

    computes: bool


@runtime_checkable
class Holding(Protocol):
    """A further power: a session is more than its cookies, so `Act.held` and `Answer.held` are heeded."""

    holds: bool


def holds(driver: Driver) -> bool:
    """Whether what a login holds must be kept."""
    return isinstance(driver, Holding) and driver.holds


def computes(driver: Driver) -> bool:
    """Whether the driver's app has a costly read."""
    return isinstance(driver, Computing) and driver.computes


def slows(driver: Driver) -> bool:
    """Whether the driver's app has a slow write."""
    return isinstance(driver, Slowing) and driver.slows

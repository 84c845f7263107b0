"""One user by hand: each verb of a driver tried once, every request told, and the first thing that is wrong named."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import requests

from outlast.drivers.driver import Act, Answer, Driver, Request, Response, holds
from outlast.drivers.front import PLAIN, Front
from outlast.drivers.jar import EMPTY_JAR, HELD, Jar
from outlast.history.operation import Kind, Outcome, Seen
from outlast.runner.entry import Door, Entry, why_no_tls

TIMEOUT_S: Final = 10.0
BODY_BYTES_MOST: Final = 1024 * 1024
REQUESTS_MOST: Final = 30


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what came of it. cookies: the names that were set; error: why nothing came."""

    request: Request
    status: int = 0
    location: str = ""
    cookies: tuple[str, ...] = ()
    error: str = ""

    def __str__(self) -> str:
        told = f"{self.request.method} {self.request.path} -> {self.error or self.status}"
        if self.location:
            told += f", to {self.location}"
        return told + (f", sets {', '.join(self.cookies)}" if self.cookies else "")


@dataclass(frozen=True, slots=True)
class Tried:
    """One act: its exchanges, what it meant, and the jar after it."""

    act: Act
    exchanges: tuple[Exchange, ...]
    answer: Answer
    jar: Jar

    @property
    def meaning(self) -> str:
        """In words; what could be a secret is hashed."""
        answer = self.answer
        told = [answer.outcome.value]
        if answer.seen is not None:
            told.append("no session" if answer.seen is Seen.ANONYMOUS else answer.seen.value)
        for name in ("user", "value", "counter"):
            value = getattr(answer, name)
            if value is not None:
                told.append(f"{name} {value!r}")
        told += [f"holds {name} (sha256 {_digest(value)})" for name, value in answer.held]
        return ", ".join(told)

    @property
    def last(self) -> str:
        """The last exchange, in words."""
        return str(self.exchanges[-1]) if self.exchanges else "nothing was sent"


def probe(driver: Driver, door: Door, tell: Callable[[str], None], front: Front = PLAIN) -> str | None:
    """Try a driver on an app -> the first thing that is wrong, as a sentence; None if all is well. Every request is
    told on the way. Writes to the app as its two users u1 and u2 do."""
    for wrong in _Hand(driver, Entry(door, front), tell).steps():
        if wrong:
            return wrong
    return None


class _Hand:
    """The user, and who else asks."""

    def __init__(self, driver: Driver, door: Entry, tell: Callable[[str], None]) -> None:
        self._driver, self._door, self._tell = driver, door, tell
        self._jar = EMPTY_JAR

    def steps(self) -> Iterator[str | None]:
        """The checks in their order; each may rely on those before it."""
        yield self._knows_strangers()
        yield self._logs_in()
        yield self._is_known()
        yield self._is_known("asked again, ")
        if Kind.WRITE in self._driver.can:
            yield self._reads_back("probe-1")
            yield self._reads_back("probe-2")
        if Kind.INCREMENT in self._driver.can:
            yield self._counts()
        yield self._tells_users_apart()
        if Kind.LOGOUT in self._driver.can:
            yield self._logs_out()

    def _knows_strangers(self) -> str | None:
        """Before anybody is logged in: how else should a lost session be seen?"""
        tried = self._try("a stranger asks who they are", Act(kind=Kind.READ, user="u1"), EMPTY_JAR)
        if tried.answer.outcome is Outcome.FAIL and tried.answer.seen is Seen.ANONYMOUS:
            return None
        circle = len(tried.exchanges) > 1 and tried.exchanges[-1].location
        if tried.answer.seen is Seen.ALIVE:
            return f"A stranger without any cookie is taken for logged in ({tried.last}): user or alive fits anybody."
        why = "it sends one on and on" if circle else "the app is not reached" if tried.exchanges[-1].error else ""
        return (
            f"The answer to a stranger is not known as one ({tried.last}{f': {why}' if why else ''}): say under `gone` "
            "how the app answers who is not logged in, or no lost session could be told."
        )

    def _logs_in(self) -> str | None:
        tried = self._try("u1 logs in", Act(kind=Kind.LOGIN, user="u1"), EMPTY_JAR)
        self._jar = tried.jar
        if tried.answer.outcome is not Outcome.OK:
            return f"The login is not as expected ({tried.last}): look at its steps, their `take` and `expect`."
        name = self._driver.session_cookie
        if tried.jar.value(name, time.time()) is None:
            held = [cookie for cookie in tried.jar.names if not cookie.startswith(HELD)]
            told = f"the cookies are {', '.join(held)}" if held else "no cookie was set"
            return f"After the login there is no {name!r}: {told} ({tried.last}). Was the password right?"
        return None

    def _is_known(self, how: str = "") -> str | None:
        tried = self._try(f"{how}u1 asks who they are", Act(kind=Kind.READ, user="u1"), self._jar)
        self._jar = tried.jar
        if tried.answer.seen is Seen.ANONYMOUS:
            return (
                f"Who has just logged in is a stranger ({tried.last}): the login did not work, or `gone` fits too much."
            )
        if tried.answer.outcome is not Outcome.OK or tried.answer.seen is not Seen.ALIVE:
            return f"Who is logged in is not recognised ({tried.last}): user, alive or counter is not in the answer."
        if tried.answer.user not in (None, "u1"):
            return f"u1 is answered as {tried.answer.user!r}: `user` does not find the account's name."
        return None

    def _reads_back(self, token: str) -> str | None:
        tried = self._try(f"u1 writes {token}", Act(kind=Kind.WRITE, user="u1", token=token), self._jar)
        self._jar = tried.jar
        if tried.answer.outcome is not Outcome.OK:
            return (
                f"The write is not as expected ({tried.last}): look at its steps (a CSRF token?), `take` and `expect`."
            )
        tried = self._try("u1 reads it", Act(kind=Kind.READ, user="u1"), self._jar)
        self._jar = tried.jar
        if not tried.answer.has_value:
            return "There is a write, but read takes no `value`: what was written could never be missed."
        if tried.answer.value != token:
            return (
                f"{token} was written and {tried.answer.value!r} was read ({tried.last}): the read is cached, "
                "`value` takes something else, or the write did not happen."
            )
        return None

    def _counts(self) -> str | None:
        counts: list[int | None] = []
        for number in (1, 2):
            act = Act(kind=Kind.INCREMENT, user="u1", attempt=f"probe-{number}")
            tried = self._try("u1 counts", act, self._jar)
            self._jar = tried.jar
            if tried.answer.outcome is not Outcome.OK:
                return f"The increment is not as expected ({tried.last}): look at its steps, `take` and `counter`."
            read = self._try("u1 reads the count", Act(kind=Kind.READ, user="u1"), self._jar)
            self._jar = read.jar
            counts.append(tried.answer.counter if tried.answer.counter is not None else read.answer.counter)
            if read.answer.counter is not None and counts[-1] != read.answer.counter:
                return f"The increment says {counts[-1]}, the read after it {read.answer.counter}."
        if None in counts:
            return "There is an increment, but neither it nor read takes a `counter`: a lost one could never be missed."
        if counts != [1, 2]:
            return (
                f"Two increments of a new session came to {counts[0]} and {counts[1]}: a session's counter begins at 0."
            )
        return None

    def _tells_users_apart(self) -> str | None:
        login = self._try("u2 logs in", Act(kind=Kind.LOGIN, user="u2"), EMPTY_JAR)
        read = self._try("u2 asks who they are", Act(kind=Kind.READ, user="u2"), login.jar)
        if read.answer.seen is not Seen.ALIVE or read.answer.user not in (None, "u2"):
            return f"A second user is answered as {read.answer.user!r} ({read.last}): are there accounts enough?"
        return None

    def _logs_out(self) -> str | None:
        kept = self._jar
        tried = self._try("u1 logs out", Act(kind=Kind.LOGOUT, user="u1"), kept)
        if tried.answer.outcome is not Outcome.OK:
            return f"The logout is not as expected ({tried.last}): look at its steps and `expect`."
        after = self._try("u1, with the cookies of before, asks who they are", Act(kind=Kind.READ, user="u1"), kept)
        if after.answer.seen is Seen.ALIVE:
            self._tell("   (the session outlasts its logout: every run will find resurrected-session)")
        elif after.answer.seen is not Seen.ANONYMOUS:
            return f"After the logout the answer is not known as a stranger's ({after.last})."
        return None

    def _try(self, what: str, act: Act, jar: Jar) -> Tried:
        tried = attempt(self._driver, self._door, act, jar)
        self._tell(f"{what}:")
        for exchange in tried.exchanges:
            self._tell(f"   {exchange}")
        self._tell(f"   = {tried.meaning}")
        return tried


def attempt(driver: Driver, door: Entry, act: Act, jar: Jar) -> Tried:
    """One act over HTTP, with the cookies of a jar. Raises nothing for what an app does."""
    if holds(driver):
        act = replace(act, held=jar.held)
    talk, exchanges, answer = driver.perform(act), list[Exchange](), Answer(outcome=Outcome.UNKNOWN)
    try:
        request = next(talk)
        while len(exchanges) < REQUESTS_MOST:
            exchange, response, jar = _exchange(request, door, jar)
            exchanges.append(exchange)
            if response is None:
                break
            request = talk.send(response)
    except StopIteration as end:
        answer = end.value
        jar = jar.holding(answer.held)
    return Tried(act, tuple(exchanges), answer, jar)


def _exchange(request: Request, entry: Entry, jar: Jar) -> tuple[Exchange, Response | None, Jar]:
    headers = {**dict(request.headers), "Host": entry.host_header, "Accept": "*/*", "Connection": "close"}
    cookies = jar.header(request.path, time.time())
    if cookies:
        headers["Cookie"] = cookies
    try:
        with (
            entry.session() as session,
            session.request(
                request.method,
                entry.url(request.path),
                headers=headers,
                data=request.body or None,
                allow_redirects=False,
                timeout=TIMEOUT_S,
                stream=True,
            ) as answer,
        ):
            body = answer.raw.read(BODY_BYTES_MOST, decode_content=True)
            lines = answer.raw.headers.getlist("set-cookie")
    except requests.exceptions.SSLError as error:
        return Exchange(request, error=why_no_tls(error)), None, jar
    except (requests.RequestException, OSError, ValueError) as error:
        return Exchange(request, error=type(error).__name__), None, jar
    after = jar.after(lines, host=entry.name, path=request.path, now_s=time.time())
    names = tuple(dict.fromkeys(line.partition("=")[0].strip() for line in lines))[:10]
    response = Response(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, body)
    return Exchange(request, answer.status_code, response.headers.get("location", ""), names), response, after


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:12]

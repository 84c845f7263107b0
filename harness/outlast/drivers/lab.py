"""Speaks to the lab's reference app.

POST /login, GET /me, PUT /value, POST /increment, POST /logout. Every answer is a JSON object that tells user, value,
counter, replica, boot and build; 401 means that there is no session. A 401 without such an object is no proof: a
balancer in between may have said it. GET /page is a /me that tells the page's assets too. Assets and streams are no
JSON: who serves them is told in headers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from outlast.drivers.driver import Act, Answer, Request, Response, Talk
from outlast.drivers.lab_stream import LabEar
from outlast.drivers.reading import Garbage, int_of, parse_object, paths_of, tame, text_of, texts_of
from outlast.history.operation import Kind, Outcome, Scope, Seen
from outlast.history.outcome import outcome_of_status

NO_SESSION: Final = 401
NOT_FOUND: Final = 404

_FORM: Final = (("Content-Type", "application/x-www-form-urlencoded"),)
_TEXT: Final = (("Content-Type", "text/plain"),)
_READ: Final = Request("GET", "/me")
_PAGE: Final = Request("GET", "/page")
_READ_WITH_LOG: Final = Request("GET", "/me?log=1")
_LOGOUT: Final = Request("POST", "/logout")
_LOGOUT_EVERYWHERE: Final = Request("POST", "/logout?scope=user")
_UNKNOWN: Final = Answer(outcome=Outcome.UNKNOWN)


class LabDriver:
    """How to speak to the lab's app; needs no configuration and keeps no state."""

    name = "lab"
    session_cookie = "sid"
    can = frozenset(Kind)
    slows = True
    computes = True

    def perform(self, act: Act) -> Talk:
        """One request, one answer."""
        response = yield _request(act)
        return _in_headers(response, (NOT_FOUND,)) if act.kind is Kind.ASSET else _answer(act.kind, response)

    def stream(self, number: str, first: int) -> Request:
        """From item `first` on."""
        return Request("GET", f"/stream?number={quote(number, safe='')}&from={first}")

    def begun(self, head: Response) -> Answer:
        """A stream is sent only to a session that is alive; 401 tells that there is none."""
        answer = _in_headers(head, (NO_SESSION,))
        known = answer.replica is not None and answer.outcome is not Outcome.UNKNOWN
        seen = Seen.ALIVE if answer.outcome is Outcome.OK else Seen.ANONYMOUS
        return replace(answer, seen=seen) if known else replace(answer, outcome=Outcome.UNKNOWN)

    def ear(self, due: int, after: str) -> LabEar:
        """Who hears a stream from item `due` on."""
        return LabEar(due, after)


def _request(act: Act) -> Request:
    kind = act.kind
    if kind is Kind.READ:
        if act.as_page:
            return _PAGE
        if act.cost_s:
            return Request("GET", f"/me?cost_ms={round(act.cost_s * 1000)}")
        return _READ_WITH_LOG if act.with_effects else _READ
    if kind is Kind.WRITE:
        path = f"/value?slow_ms={round(act.slow_s * 1000)}" if act.slow_s else "/value"
        return Request("PUT", path, _TEXT, (act.token or "").encode())
    if kind is Kind.INCREMENT:
        path = f"/increment?slow_ms={round(act.slow_s * 1000)}" if act.slow_s else "/increment"
        return Request("POST", path, (("Idempotency-Key", act.attempt or ""),))
    if kind is Kind.ASSET:
        return Request("GET", act.path)
    if kind is Kind.LOGIN:
        return Request("POST", "/login", _FORM, f"user={quote(act.user, safe='')}".encode())
    if kind is Kind.LOGOUT:
        return _LOGOUT_EVERYWHERE if act.scope is Scope.USER else _LOGOUT
    raise ValueError(f"the lab's app has no {kind}")


def _answer(kind: Kind, response: Response) -> Answer:
    outcome = outcome_of_status(response.status, definite=(NO_SESSION,))
    try:
        told = parse_object(response.body)
        replica, boot, build = text_of(told, "replica"), text_of(told, "boot"), text_of(told, "build")
        if outcome is Outcome.UNKNOWN:
            return Answer(outcome=outcome, replica=replica, boot=boot, build=build)
        if "user" not in told:
            return _UNKNOWN
        return _told(kind, outcome, told, replica, boot, build)
    except Garbage:
        return _UNKNOWN


def _in_headers(response: Response, definite: tuple[int, ...]) -> Answer:
    names = (response.headers.get(f"x-outlast-{name}") for name in ("replica", "boot", "build"))
    replica, boot, build = (None if name is None else tame(name) for name in names)
    outcome = outcome_of_status(response.status, definite=definite)
    return Answer(outcome=outcome, replica=replica, boot=boot, build=build)


def _told(
    kind: Kind, outcome: Outcome, told: dict[str, Any], replica: str | None, boot: str | None, build: str | None
) -> Answer:
    user = text_of(told, "user")
    seen = _seen(user, told.get("recreated") is True)
    if outcome is Outcome.FAIL:
        if seen is Seen.ALIVE:
            raise Garbage("a 401 that names a user")
        return Answer(outcome=outcome, seen=seen, replica=replica, boot=boot, build=build)
    if kind is Kind.LOGIN:  # what it shows is what was made, not what was kept
        return Answer(outcome=outcome, user=user, replica=replica, boot=boot, build=build)
    if kind is Kind.LOGOUT:  # it names nobody any more, but it found one to end: else it were a 401
        return Answer(outcome=outcome, seen=Seen.ALIVE, replica=replica, boot=boot, build=build)
    counter = int_of(told, "counter")
    if kind is Kind.INCREMENT and seen is Seen.ALIVE and counter is None:
        raise Garbage("an increment that tells no counter")
    is_read = kind is Kind.READ and seen is Seen.ALIVE
    return Answer(
        outcome=outcome,
        seen=seen,
        has_value=is_read,
        value=text_of(told, "value") if is_read else None,
        counter=counter if kind is not Kind.WRITE else None,
        user=user,
        replica=replica,
        boot=boot,
        build=build,
        effects=texts_of(told, "log") if is_read else None,
        effects_offset=(int_of(told, "log_offset") or 0) if is_read else 0,
        assets=paths_of(told, "assets"),
        assets_later=paths_of(told, "assets_later"),
    )


def _seen(user: str | None, recreated: bool) -> Seen:
    if recreated:
        return Seen.RECREATED
    return Seen.ANONYMOUS if user is None else Seen.ALIVE

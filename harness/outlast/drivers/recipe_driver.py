"""The driver that a recipe makes: each verb is its steps, one after the other."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Generator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import urlencode, urljoin, urlsplit

from outlast.drivers.accounts import AccountBook, accounts_in, given_of
from outlast.drivers.driver import Act, Answer, Request, Response, Talk
from outlast.drivers.jar import HELD
from outlast.drivers.reading import INT_MOST, tame
from outlast.drivers.recipe import Read, Recipe, Step
from outlast.drivers.template import filled, filled_json, filled_path
from outlast.history.operation import Kind, Outcome, Seen

LEAST_ERROR: Final = 400
_UNKNOWN: Final = Answer(outcome=Outcome.UNKNOWN)
Known = dict[str, str]


class RecipeDriver:
    """Speaks as a recipe says. Keeps no state but the recipe: what a session holds is the caller's to keep.

    An answer that looks as `gone` says is a definite "no session", one that looks as `refused` a definite "no"; all
    else that is not as expected is unknown. A read's success is proof of life by the user that it names or by `alive`.
    That of another verb is none: an app may say yes to a write of nobody's, and to every logout.
    """

    name = "recipe"
    holds = True

    def __init__(self, recipe: Recipe, folder: Path) -> None:
        """`folder`: what the names of files are relative to. Raises FormatError for a bad file of accounts."""
        self._recipe = recipe
        accounts = recipe.accounts
        listed = accounts_in(folder / accounts.csv) if accounts.csv else ()
        self._accounts = AccountBook(accounts.name, accounts.password, listed)
        self.session_cookie = recipe.session.cookie or f"{HELD}{recipe.session.held}"
        self.can = frozenset(Kind(verb) for verb in recipe.verbs)

    def perform(self, act: Act) -> Talk:
        """The verb's steps until one is not as expected."""
        account = self._accounts.account_of(act.user)
        known: Known = {
            **dict.fromkeys(self._recipe.hold, ""),  # whoever holds nothing sends nothing
            **dict(act.held),
            **given_of(act.user),
            "name": account.name,
            "password": account.password,
            "token": act.token or "",
            "attempt": act.attempt or "",
        }
        steps = self._recipe.verbs[act.kind.value]
        for step in steps:
            response = yield from self._asked(step, known)
            trouble = self._trouble(act.kind, step, response) or _take(step, response, known)
            if trouble is not None:
                return self._placed(trouble, response)
        return self._placed(self._told(act, account.name, known, response), response)

    def _placed(self, answer: Answer, response: Response) -> Answer:
        """With the name of the replica that gave the last answer, where it tells it."""
        told = self._recipe.replica.taken(response) if self._recipe.replica else None
        return replace(answer, replica=tame(told)) if told else answer

    def _trouble(self, kind: Kind, step: Step, response: Response) -> Answer | None:
        """What an answer means that is no success, None for one that is."""
        if response.status >= 500:
            return _UNKNOWN
        # a logout that works often leads where strangers are led
        may_be_gone = kind is not Kind.LOGIN and (kind is not Kind.LOGOUT or response.status >= LEAST_ERROR)
        if may_be_gone and self._is_gone(response):
            return Answer(outcome=Outcome.FAIL, seen=Seen.ANONYMOUS)
        if any(match.fits(response) for match in self._recipe.refused):
            return Answer(outcome=Outcome.FAIL)
        as_expected = step.expect.fits(response) if step.expect else response.status < LEAST_ERROR
        return None if as_expected else _UNKNOWN

    def _is_gone(self, response: Response) -> bool:
        return any(match.fits(response) for match in self._recipe.gone)

    def _asked(self, step: Step, known: Mapping[str, str]) -> Generator[Request, Response, Response]:
        """The step's request, and the redirects that it is to follow; not one that says that there is no session."""
        request = _request(step, known)
        response = yield request
        for _ in range(step.follow):
            path = None if self._is_gone(response) else _onwards(request.path, response)
            if path is None:
                break
            request = Request("GET", path)
            response = yield request
        return response

    def _told(self, act: Act, account: str, known: Known, response: Response) -> Answer:
        recipe = self._recipe
        if act.kind is Kind.LOGIN:
            held = tuple((name, known[name]) for name in recipe.hold)
            return Answer(outcome=Outcome.OK, user=act.user, held=held)
        if act.kind is Kind.READ:
            return _read(recipe.read, act.user, account, response)
        counter = None
        if act.kind is Kind.INCREMENT and recipe.increment is not None and recipe.increment.counter is not None:
            counter = _whole(recipe.increment.counter.taken(response))
            if counter is None:
                return _UNKNOWN
        return Answer(outcome=Outcome.OK, counter=counter)


def _take(step: Step, response: Response, known: Known) -> Answer | None:
    """Learn what a step takes; unknown when what later steps need is not there."""
    for name, taking in step.take.items():
        taken = taking.taken(response)
        if taken is None:
            return _UNKNOWN
        known[name] = taken
    return None


def _read(read: Read, user: str, account: str, response: Response) -> Answer:
    """A success that names nobody, and does not look alive, proves nothing: it may be an error page."""
    named = read.user.taken(response) if read.user else None
    if read.user is not None and not named:
        return _UNKNOWN
    if read.alive is not None and not read.alive.fits(response):
        return _UNKNOWN
    value = read.value.taken(response) if read.value else None
    counter = _whole(read.counter.taken(response)) if read.counter else None
    if read.counter is not None and counter is None:
        return _UNKNOWN
    return Answer(
        outcome=Outcome.OK,
        seen=Seen.ALIVE,
        has_value=read.value is not None,
        value=tame(value) if value else None,
        counter=counter,
        # the harness knows its users by names of its own
        user=None if named is None else user if named == account else tame(named),
    )


def _onwards(path: str, response: Response) -> str | None:
    """Where a redirect leads, if it is to this server; whatever its host is called from inside, it is asked here."""
    sent = response.headers.get("location", "")
    if not 300 <= response.status < LEAST_ERROR or not sent:
        return None
    try:
        parts = urlsplit(urljoin(path, sent))
    except ValueError:
        return None
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    printable = all(" " < letter <= "~" for letter in target)
    return target if target.startswith("/") and printable else None


def _request(step: Step, known: Mapping[str, str]) -> Request:
    method, path = step.request
    headers = [(name, filled(text, known)) for name, text in step.headers.items()]
    body = b""
    if step.basic is not None:
        pair = f"{filled(step.basic.user, known)}:{filled(step.basic.password, known)}"
        headers.append(("Authorization", f"Basic {b64encode(pair.encode()).decode()}"))
    if step.form is not None:
        headers.append(("Content-Type", "application/x-www-form-urlencoded"))
        body = urlencode({key: filled(text, known) for key, text in step.form.items()}).encode()
    elif step.json_body is not None:
        headers.append(("Content-Type", "application/json"))
        body = json.dumps(filled_json(step.json_body, known)).encode()
    elif step.text is not None:
        headers.append(("Content-Type", "text/plain; charset=utf-8"))
        body = filled(step.text, known).encode()
    safe = tuple((name, text.replace("\r", "").replace("\n", "")) for name, text in headers)
    return Request(method, filled_path(path, known), safe, body)


def _whole(text: str | None) -> int | None:
    """A count as a text -> number; None for what is none."""
    if text is None or not text.isdecimal() or len(text) > 18:
        return None
    number = int(text)
    return number if number <= INT_MOST else None

"""A recipe: how to speak to an app, declared in `outlast.yaml` in place of a class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from outlast.drivers.matching import Match
from outlast.drivers.taking import Taking
from outlast.drivers.template import PLACE, names_in
from outlast.errors import nearest

GIVEN: Final = ("user", "number", "name", "password", "token", "attempt")
"""What every step knows: the harness's name for the account and its number, the account's own name and password, the
text to write, the idempotency key."""
METHODS: Final = ("get", "post", "put", "patch", "delete")
REDIRECTS_MOST: Final = 10


def _is_path(text: str) -> str:
    if not text.startswith("/") or any(letter <= " " or letter > "~" for letter in PLACE.sub("", text)):
        raise ValueError(f"{text!r} is no path on the server, such as /login")
    return text


def _is_header(text: str) -> str:
    if any(letter in text for letter in "\r\n\0"):
        raise ValueError("a header is one line")
    return text


Path = Annotated[str, AfterValidator(_is_path)]
HeaderText = Annotated[str, AfterValidator(_is_header)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Basic(_Part):
    """HTTP Basic authentication."""

    user: str = "{name}"
    password: str = "{password}"  # noqa: S105 - the place where the account's own goes


class Step(_Part):
    """One request. One of get, post ... is its path; one of form, json, text its body.

    take: what later steps of the same verb know by name. expect: what a success looks like, by default any status
    below 400. follow: so many redirects are followed, with GET, on the same server.
    """

    get: Path | None = None
    post: Path | None = None
    put: Path | None = None
    patch: Path | None = None
    delete: Path | None = None
    headers: dict[str, HeaderText] = {}
    form: dict[str, str] | None = None
    json_body: Any = Field(default=None, alias="json")
    text: str | None = None
    basic: Basic | None = None
    take: dict[Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")], Taking] = {}
    expect: Match | None = None
    follow: Annotated[int, Field(ge=0, le=REDIRECTS_MOST)] = 0

    @model_validator(mode="after")
    def _is_one_request(self) -> Self:
        if sum(getattr(self, method) is not None for method in METHODS) != 1:
            raise ValueError(f"say one of {', '.join(METHODS)}, with a path")
        if sum(body is not None for body in (self.form, self.json_body, self.text)) > 1:
            raise ValueError("say one of form, json and text")
        return self

    @property
    def request(self) -> tuple[str, str]:
        """(method, path)."""
        return next((m.upper(), path) for m in METHODS if (path := getattr(self, m)) is not None)

    @property
    def asks_for(self) -> Iterator[str]:
        """The names that its texts ask for."""
        yield from names_in([self.request[1], self.headers, self.form, self.json_body, self.text])
        if self.basic is not None:
            yield from names_in([self.basic.user, self.basic.password])


Steps = Annotated[list[Step], Field(min_length=1)]


class Read(_Part):
    """Who am I. user, value, counter: taken from the last answer; without a user, a success is proof of life only if
    `alive` says how it looks."""

    steps: Steps
    user: Taking | None = None
    value: Taking | None = None
    counter: Taking | None = None
    alive: Match | None = None

    @model_validator(mode="after")
    def _tells_who(self) -> Self:
        if self.user is None and self.alive is None:
            raise ValueError("say user (where the answer names the user) or alive (how it looks to who is logged in)")
        return self


class Increment(_Part):
    """Count one more. counter: the value after it, where the answer tells it."""

    steps: Steps
    counter: Taking | None = None


class Session(_Part):
    """What the session is: a cookie, or a name that the login holds (a token that later steps send themselves)."""

    cookie: str | None = None
    held: str | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.cookie is None) == (self.held is None):
            raise ValueError("say one of cookie and held")
        return self


class Accounts(_Part):
    """Who logs in: a name and a password made for each number, or a CSV file of them, one line each."""

    name: str = "{user}"
    password: str = "{user}"  # noqa: S105 - a text to fill
    csv: str | None = None

    @model_validator(mode="after")
    def _can_be_made(self) -> Self:
        for part, text, known in (
            ("name", self.name, ("user", "number")),
            ("password", self.password, ("user", "number", "name")),
        ):
            for name in names_in(text):
                if name not in known:
                    raise ValueError(
                        f"{part}: nobody knows {{{name}}}{nearest(name, known)}; known: {', '.join(known)}"
                    )
        return self


class Recipe(_Part):
    """All verbs.

    replica: where an answer tells which replica gave it. hold: names that the login takes and that are known for as
    long as the session is (a bearer token). gone: how an answer looks that knows no session; refused: how one looks
    that surely did nothing.
    """

    session: Session
    replica: Taking | None = None
    accounts: Accounts = Accounts()
    login: Steps
    hold: list[str] = []
    read: Read
    write: Steps | None = None
    increment: Increment | None = None
    logout: Steps | None = None
    gone: Annotated[list[Match], Field(min_length=1)] = [Match(status=[401])]
    refused: list[Match] = []

    @model_validator(mode="after")
    def _knows_its_names(self) -> Self:
        taken = {name for step in self.login for name in step.take}
        for name in {name for steps in self.verbs.values() for step in steps for name in step.take} & set(GIVEN):
            raise ValueError(f"take: {{{name}}} is what every step knows already; take it under another name")
        for name in self.hold:
            if name not in taken:
                raise ValueError(f"hold names {name!r}, which no step of login takes{nearest(name, taken)}")
        held = self.session.held
        if held is not None and held not in self.hold:
            raise ValueError(f"session.held names {held!r}, which is not under hold{nearest(held, self.hold)}")
        for verb, steps in self.verbs.items():
            known = {*GIVEN, *(() if verb == "login" else self.hold)}
            for number, step in enumerate(steps):
                for name in step.asks_for:
                    if name not in known:
                        raise ValueError(
                            f"{verb}, step {number + 1}: nobody knows {{{name}}}{nearest(name, known)}; "
                            "it is taken by no step before it"
                        )
                known |= set(step.take)
        return self

    @property
    def verbs(self) -> Mapping[str, list[Step]]:
        """The steps of each verb that there is."""
        read, increment = self.read.steps, self.increment.steps if self.increment else None
        told = {"login": self.login, "read": read, "write": self.write, "increment": increment, "logout": self.logout}
        return {verb: steps for verb, steps in told.items() if steps}

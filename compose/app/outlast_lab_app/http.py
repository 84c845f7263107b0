"""As much of HTTP over ASGI as the app needs: a request read to its end, and an answer sent whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

BODY_LENGTH_MAX: Final = 4096
FIELDS_MAX: Final = 8


class Refused(Exception):
    """A request that is no good: the status to answer, and what is wrong with it."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class Gone(Exception):
    """The client hung up before its request was complete."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the client asked."""

    method: str
    path: str
    query: str
    headers: dict[bytes, bytes]
    """Lower-case names; cookies sent in several headers are joined as one."""
    body: bytes

    def asks(self, name: str, value: str) -> bool:
        """Whether the query says name=value."""
        return value in _fields(self.query).get(name, ())

    def asked(self, name: str) -> str:
        """What the query says of that name; empty when it says nothing."""
        return _fields(self.query).get(name, [""])[0]

    def form(self, name: str) -> str:
        """A field of a form sent as body; empty when it is absent."""
        return _fields(_text(self.body)).get(name, [""])[0]

    def text(self) -> str:
        """The body as text."""
        return _text(self.body)

    def header(self, name: bytes) -> str:
        """A header; empty when it is absent."""
        return self.headers.get(name, b"").decode("latin-1")

    def cookie(self, name: str) -> str:
        """The first cookie of that name; empty when there is none."""
        for pair in self.header(b"cookie").split(";"):
            found, _, value = pair.strip().partition("=")
            if found == name:
                return value
        return ""


async def read(scope: Scope, receive: Receive) -> Request:
    """Take in a whole request; `Refused` when its body is too long, `Gone` when it never ends."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        headers[name] = headers[name] + b"; " + value if name == b"cookie" and name in headers else value
    body = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > BODY_LENGTH_MAX:
            raise Refused(413, f"the body has more than {BODY_LENGTH_MAX} bytes")
    return Request(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), headers, body)


async def answer(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    """Send a whole answer."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    await send({"type": "http.response.body", "body": body})


async def answer_piecewise(send: Send, pieces: AsyncIterator[str], headers: list[tuple[bytes, bytes]]) -> None:
    """Send a 200 whose body comes bit by bit; how long it is, is not known before."""
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    async for piece in pieces:
        await send({"type": "http.response.body", "body": piece.encode(), "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Refused(400, "the body is not UTF-8") from None


def _fields(text: str) -> dict[str, list[str]]:
    try:
        return parse_qs(text, max_num_fields=FIELDS_MAX) if text else {}
    except ValueError:
        raise Refused(400, f"more than {FIELDS_MAX} fields") from None

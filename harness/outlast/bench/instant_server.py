"""A bench target that answers at once: speaks the lab's API from the cookie alone, keeps nothing.

Run as `python -m outlast.bench.instant_server`: prints its port on one line, ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Final, cast

_HEAD: Final = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"
_COOKIES: Final = (
    b"Set-Cookie: sid=%s-0123456789abcdef0123456789abcdef; Path=/; HttpOnly; SameSite=Lax\r\n"
    b"Set-Cookie: SRV=app-1; path=/\r\n"  # as behind a sticky balancer
)
_BODY: Final = b'{"user": "%s", "value": null, "counter": 1, "replica": "app-1", "boot": "0badc0de", "build": "a"}'


class _Talk(asyncio.Protocol):
    """One connection. Requests are told apart by their heads and Content-Length alone; pipelining is not needed."""

    def __init__(self) -> None:
        self._received = b""
        self._transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        received = self._received + data
        head, end, body = received.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            self._received = received
            return
        self._received = b""
        self._transport.write(_answer(head, body))


def _length(head: bytes) -> int:
    at = head.lower().find(b"\r\ncontent-length:")
    return 0 if at < 0 else int(head[at + 17 :].partition(b"\r\n")[0])


def _answer(head: bytes, body: bytes) -> bytes:
    cookie = b""
    if head.startswith(b"POST /login"):
        user = body.partition(b"user=")[2]
        cookie = _COOKIES % user
    else:
        user = head.partition(b"sid=")[2].partition(b"-")[0]
    told = _BODY % user
    return b"%s%sContent-Length: %d\r\n\r\n%s" % (_HEAD, cookie, len(told), told)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Talk, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - this is how the bench learns it
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def main() -> None:
    """Serve until standard input ends; on uvloop where it is installed."""
    with contextlib.suppress(ImportError):
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    asyncio.run(_serve())


if __name__ == "__main__":
    main()

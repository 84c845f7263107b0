"""The app itself: log in, who am I, write a value, increment a counter, log out."""

from __future__ import annotations

import asyncio
import json
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Final

from outlast_lab_app import http
from outlast_lab_app.assets import PREFIX, OwnAssets, SharedAssets, paths_of
from outlast_lab_app.limiter import Limiter
from outlast_lab_app.session import Session
from outlast_lab_app.stores.store import Drains, HoldsWhole, Kept, Store, StoreUnavailable, ValueTooLarge
from outlast_lab_app.streams import LENGTH, Streams

NAME_LENGTH_MAX: Final = 128
SLOW_MS_MAX: Final = 60_000
COST_MS_MAX: Final = 10_000
FORGET: Final = "; Max-Age=0"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answers: the replica's name, this start of it, and the build it runs."""

    replica: str
    boot: str
    build: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the client is told. `cookie` "" deletes its cookie, None leaves it alone."""

    status: int
    session: Session | None = None
    cookie: str | None = None
    with_log: bool = False
    error: str | None = None
    page: tuple[list[str], list[str]] | None = None
    """What a page asks for at once, and later."""


NO_SESSION: Final = Reply(401, error="no such session")
STREAMED: Final = Reply(200)
"""All of it was sent already."""


class App:
    """The ASGI application. `draining` is set by whoever is about to stop it."""

    def __init__(
        self,
        store: Store,
        identity: Identity,
        assets: OwnAssets | SharedAssets | None = None,
        streams: Streams | None = None,
        limiter: Limiter | None = None,
    ) -> None:
        self.draining = False
        self._store = store
        self._identity = identity
        self._assets = assets or OwnAssets((identity.build,))
        self._streams = streams or Streams()
        self._limiter = limiter
        self._routes: dict[tuple[str, str], Callable[[http.Request], Awaitable[Reply]]] = {
            ("POST", "/login"): self._log_in,
            ("GET", "/me"): self._tell,
            ("GET", "/page"): self._open,
            ("PUT", "/value"): self._write,
            ("POST", "/increment"): self._increment,
            ("POST", "/logout"): self._log_out,
            ("POST", "/stream/twin"): self._begin_stream,
        }

    async def __call__(self, scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def drain(self) -> None:
        """Told once, when the process is about to stop."""
        if isinstance(self._store, Drains):
            await self._store.drain()

    async def _serve(self, scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
        if scope["path"] == "/health":
            # It is the replica's own health: to take all replicas out because their one store is down helps nobody.
            await http.answer(send, 503 if self.draining else 200, b"", self._headers("text/plain", None))
            return
        if scope["path"].startswith(PREFIX):
            await self._serve_asset(scope["path"], send)
            return
        try:
            request = await http.read(scope, receive)
            reply = await (self._stream(request, send) if request.path == "/stream" else self._reply(request))
        except http.Gone:
            return
        except http.Refused as refused:
            reply = Reply(refused.status, error=refused.why)
        except ValueTooLarge as error:
            reply = Reply(413, error=str(error))
        except StoreUnavailable:
            reply = Reply(503, error="the session store cannot be asked now")
        except Exception:
            traceback.print_exc(file=sys.stderr)
            reply = Reply(500, error="internal error")
        if reply is STREAMED:
            return
        await http.answer(send, reply.status, self._body(reply), self._headers("application/json", reply.cookie))

    async def _reply(self, request: http.Request) -> Reply:
        route = self._routes.get((request.method, request.path))
        if route is None:
            known = any(path == request.path for _, path in self._routes)
            raise http.Refused(405 if known else 404, "no such method here" if known else "no such path")
        return await route(request)

    async def _log_in(self, request: http.Request) -> Reply:
        return _alive(await self._store.login(_name(request.form("user"), "the form field user")))

    async def _tell(self, request: http.Request) -> Reply:
        with_log = request.asks("log", "1")
        cookie, cost_ms = request.cookie("sid"), _whole(request.asked("cost_ms"), "cost_ms", COST_MS_MAX)
        if cost_ms and self._limiter is not None and not await self._limiter.admits(cookie):
            return Reply(429, error="too many costly requests in this second")
        _compute(cost_ms)
        return _alive(await self._store.read(cookie, with_log=with_log), with_log=with_log)

    async def _open(self, request: http.Request) -> Reply:
        """A page of this build: who am I, and which assets belong to it."""
        return replace(await self._tell(request), page=paths_of(self._identity.build))

    async def _write(self, request: http.Request) -> Reply:
        """With `slow_ms` it reads the session, sleeps, and only then writes: whatever the store allows in between, or
        however this replica ends meanwhile, is seen by the client that waits."""
        slow_ms = _whole(request.asked("slow_ms"), "slow_ms", SLOW_MS_MAX)
        if slow_ms and isinstance(self._store, HoldsWhole):
            pause = partial(asyncio.sleep, slow_ms / 1000)
            return _alive(await self._store.write_slowly(request.cookie("sid"), request.text(), pause))
        if slow_ms:
            if await self._store.read(request.cookie("sid"), with_log=False) is None:
                return NO_SESSION
            await asyncio.sleep(slow_ms / 1000)
        return _alive(await self._store.write(request.cookie("sid"), request.text()))

    async def _increment(self, request: http.Request) -> Reply:
        """With `slow_ms` it is executed at once and answered late: a replica that dies meanwhile has done it."""
        slow_ms = _whole(request.asked("slow_ms"), "slow_ms", SLOW_MS_MAX)
        attempt = _name(request.header(b"idempotency-key"), "the header Idempotency-Key")
        reply = _alive(await self._store.increment(request.cookie("sid"), attempt))
        await asyncio.sleep(slow_ms / 1000)
        return reply

    async def _log_out(self, request: http.Request) -> Reply:
        ended = await self._store.logout(request.cookie("sid"), everywhere=request.asks("scope", "user"))
        return Reply(200, cookie="") if ended else NO_SESSION

    def _body(self, reply: Reply) -> bytes:
        session = reply.session
        fields: dict[str, object] = {
            "user": session.user if session else None,
            "value": session.value if session else None,
            "counter": session.counter if session else None,
            "replica": self._identity.replica,
            "boot": self._identity.boot,
            "build": self._identity.build,
        }
        if session and reply.with_log:
            fields |= {"log": session.log, "log_offset": session.log_offset}
        if reply.page:
            fields |= {"assets": reply.page[0], "assets_later": reply.page[1]}
        if reply.error:
            fields["error"] = reply.error
        return json.dumps(fields).encode()

    async def _serve_asset(self, path: str, send: http.Send) -> None:
        """Anybody's, and who serves it is told in headers. Its name tells its content, so it may be kept for ever."""
        text = self._assets.find(path)
        kept = b"no-store" if text is None else b"public, max-age=31536000, immutable"
        headers = [(b"content-type", b"text/plain"), (b"cache-control", kept), *self._in_headers()]
        await http.answer(send, 404 if text is None else 200, (text or "no such asset\n").encode(), headers)

    async def _stream(self, request: http.Request, send: http.Send) -> Reply:
        """A stream from item `from` on, for whoever has a session."""
        first = _whole(request.asked("from"), "from", LENGTH)
        number = _name(request.asked("number"), "number")
        kept = await self._store.read(request.cookie("sid"), with_log=False)
        if kept is None:
            return NO_SESSION
        headers = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store"), *self._in_headers()]
        await http.answer_piecewise(send, self._streams.follow(kept.session.user, number, first), headers)
        return STREAMED

    async def _begin_stream(self, request: http.Request) -> Reply:
        self._streams.begin(_name(request.asked("user"), "user"), _name(request.asked("number"), "number"))
        return Reply(200)

    def _in_headers(self) -> list[tuple[bytes, bytes]]:
        """Who answers, for where the body is no JSON; and from SIGTERM on that nobody shall send the next request down
        a connection that is about to end."""
        told = [(f"x-outlast-{name}".encode(), value.encode()) for name, value in asdict(self._identity).items()]
        return [*told, (b"connection", b"close")] if self.draining else told

    def _headers(self, content: str, cookie: str | None) -> list[tuple[bytes, bytes]]:
        headers = [(b"content-type", content.encode()), (b"cache-control", b"no-store")]
        if cookie is not None:
            forget = FORGET if not cookie else ""
            headers.append((b"set-cookie", f"sid={cookie}; Path=/; HttpOnly; SameSite=Lax{forget}".encode()))
        return headers + self._in_headers()

    async def _live(self, receive: http.Receive, send: http.Send) -> None:
        while True:
            event = (await receive())["type"]
            if event == "lifespan.shutdown":
                await self._streams.close()
                await self._store.close()
                if self._limiter is not None:
                    await self._limiter.close()
            await send({"type": f"{event}.complete"})
            if event == "lifespan.shutdown":
                return


def _alive(kept: Kept | None, *, with_log: bool = False) -> Reply:
    return NO_SESSION if kept is None else Reply(200, kept.session, kept.cookie, with_log)


def _whole(text: str, what: str, most: int) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal()) or len(text) > 5 or int(text) > most:
        raise http.Refused(400, f"{what} must be a whole number from 0 to {most}")
    return int(text)


def _compute(cost_ms: int) -> None:
    """Use so much of this thread's computing time; who asks meanwhile waits, as in any app with one thread."""
    until_s = time.thread_time() + cost_ms / 1000
    while time.thread_time() < until_s:
        pass


def _name(text: str, what: str) -> str:
    if not text or len(text) > NAME_LENGTH_MAX or not text.isprintable():
        raise http.Refused(400, f"{what} must have 1 to {NAME_LENGTH_MAX} printable characters")
    return text

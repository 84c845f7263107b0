"""One HTTP/1.1 connection that sends every request exactly once and reads a bounded answer.

Locust's own `FastHttpUser.client` is not used for that, for three reasons: underneath it geventhttpclient sends a GET
or PUT again when the connection breaks (a hidden second write would be blamed on the app), it reads answers of any
size, and its cookies belong to the user where ours belong to one of the many sessions a user holds. The parser is the
same.
"""

from __future__ import annotations

import errno
import select
from collections.abc import Callable
from typing import Final

from gevent import monkey
from gevent import socket as gsocket
from geventhttpclient.response import HTTPParseError, HTTPResponse

from outlast.drivers.driver import Request, Response
from outlast.errors import LoadError
from outlast.history.outcome import TransportFailure
from outlast.workloads.users.entrance import Entrance

ANSWER_BYTES_MOST: Final = 1024 * 1024
_READ_BYTES: Final = 65_536

_OWN_SHORTAGE: Final = frozenset((errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM))

# The patched `select` cannot poll; a poll with no timeout never waits, so the real one is safe here.
_poll = monkey.get_original("select", "poll")
_POLL_ANY: Final = select.POLLIN | select.POLLHUP | select.POLLERR


class Unanswered(Exception):
    """There is no answer, or none that can be used."""

    def __init__(self, failure: TransportFailure) -> None:
        super().__init__(failure.value)
        self.failure = failure


class Connection:
    """To one entrance; connects when it must, keeps the connection alive between exchanges. One exchange at a time."""

    __slots__ = ("_entrance", "_head", "_poller", "_socket", "host")

    def __init__(self, entrance: Entrance) -> None:
        self.host = entrance.name
        self._entrance = entrance
        self._head = entrance.head
        self._socket: gsocket.socket | None = None
        self._poller = _poll()

    def exchange(self, request: Request, cookies: str) -> tuple[Response, list[str]]:
        """Send a request -> its response and the Set-Cookie lines.

        Raises Unanswered, and LoadError when this machine itself ran out of sockets or ports. A timeout is the caller's
        (gevent.Timeout): after one, `close` it.
        """
        message = self._message(request, cookies)
        sock = self._connected()
        parser = _Parser(request.method)
        try:
            sock.sendall(message)
            whole = _receive(sock, parser)
        except HTTPParseError as error:
            self.close()
            raise Unanswered(TransportFailure.GARBLED) from error
        except OSError as error:
            self.close()
            raise Unanswered(TransportFailure.RESET) from error
        except BaseException:
            self.close()
            raise
        if not whole or parser.should_close():
            self.close()
        return _response(parser)

    def follow(
        self,
        request: Request,
        cookies: str,
        head: Callable[[Response, list[str]], bool],
        hear: Callable[[bytes], None],
        idle_s: float,
    ) -> None:
        """Send a request and hear its answer bit by bit: `head` is told its head (without a body) and says whether to
        go on, then `hear` each part of the body as it comes. Returns at the answer's end, and hangs up.

        Raises as `exchange`, also when nothing came for `idle_s`, and what `hear` raises.
        """
        parser, told = _Parser(request.method), False
        try:
            sock = self._connected()
            sock.settimeout(idle_s)
            sock.sendall(self._message(request, cookies))
            while not parser.message_complete:
                data = sock.recv(_READ_BYTES)
                if data:
                    parser.feed(data)
                else:
                    _end(parser)
                if not told and parser.headers_complete:
                    told, part = True, bytes(parser.body)
                    parser.body.clear()
                    if not head(*_response(parser)):
                        return
                    parser.body += part
                if told and parser.body:
                    part = bytes(parser.body)
                    parser.body.clear()
                    hear(part)
        except HTTPParseError as error:
            raise Unanswered(TransportFailure.GARBLED) from error
        except TimeoutError as error:
            raise Unanswered(TransportFailure.TIMEOUT) from error
        except OSError as error:
            raise Unanswered(TransportFailure.RESET) from error
        finally:
            self.close()

    def close(self) -> None:
        """Hang up; the next exchange connects anew."""
        if self._socket is not None:
            self._poller.unregister(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def _connected(self) -> gsocket.socket:
        sock = self._socket
        if sock is not None:
            # An idle connection has nothing to say: if it has, that is the other side's goodbye. Nothing was sent yet,
            # so to connect anew is no retry.
            if not self._poller.poll(0):
                return sock
            self.close()
        try:
            sock = gsocket.create_connection((self._entrance.host, self._entrance.port))
        except ConnectionRefusedError as error:
            raise Unanswered(TransportFailure.REFUSED) from error
        except OSError as error:
            if error.errno in _OWN_SHORTAGE:
                raise LoadError(
                    f"The load process cannot open another connection ({error.strerror}); "
                    "raise the limit on open files (ulimit -n) or use fewer virtual users."
                ) from error
            raise Unanswered(TransportFailure.RESET) from error
        if sock.getsockname() == sock.getpeername():
            # Nobody listens, and the kernel gave us the very port we were calling: TCP then connects us to ourselves.
            sock.close()
            raise Unanswered(TransportFailure.REFUSED)
        sock.setsockopt(gsocket.IPPROTO_TCP, gsocket.TCP_NODELAY, 1)
        try:
            sock = self._entrance.shaken(sock)
        except OSError as error:
            sock.close()
            raise Unanswered(TransportFailure.RESET) from error
        except BaseException:
            sock.close()
            raise
        self._poller.register(sock.fileno(), _POLL_ANY)
        self._socket = sock
        return sock

    def _message(self, request: Request, cookies: str) -> bytes:
        lines = [f"{request.method} {request.path} HTTP/1.1\r\n{self._head}"]
        if cookies:
            lines.append(f"Cookie: {cookies}")
        lines.extend([f"{name}: {value}" for name, value in request.headers])
        body = request.body
        if body or request.method not in ("GET", "HEAD"):
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class _Parser(HTTPResponse):
    """geventhttpclient's parser, which tells us the body's parts."""

    def __init__(self, method: str) -> None:
        super().__init__(method)
        self.body = bytearray()

    def _on_body(self, part: bytearray) -> None:
        self.body += part


def _receive(sock: gsocket.socket, parser: _Parser) -> bool:
    """Feed the parser until the answer is complete; False when it was cut off at our limit."""
    received = 0
    while True:
        data = sock.recv(_READ_BYTES)
        if not data:
            _end(parser)
            return True
        parser.feed(data)
        if parser.message_complete and parser.get_code() >= 200:  # before it there may be 1xx ones
            return True
        received += len(data)
        if received > ANSWER_BYTES_MOST:
            if not parser.headers_complete:
                raise HTTPParseError("headers without end")
            return False


def _end(parser: _Parser) -> None:
    """The connection ended, and with it an answer that told no length; any other is cut."""
    try:
        parser.feed(b"")
    except HTTPParseError as error:
        raise ConnectionResetError from error
    if not parser.message_complete:
        raise ConnectionResetError


def _response(parser: _Parser) -> tuple[Response, list[str]]:
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for name, value in parser.items():
        lower = name.lower()
        headers[lower] = value
        if lower == "set-cookie":
            cookies.append(value)
    return Response(parser.get_code(), headers, bytes(parser.body)), cookies

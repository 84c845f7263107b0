"""One connection against servers that behave badly: what was sent is sent once, what comes back is bounded."""

from __future__ import annotations

import socket

import pytest

from outlast.drivers.driver import Request
from outlast.history.outcome import TransportFailure
from outlast.workloads.users.connection import ANSWER_BYTES_MOST, Connection, Unanswered
from outlast.workloads.users.entrance import Entrance

pytestmark = pytest.mark.local

READ = Request("GET", "/me")
WRITE = Request("PUT", "/value", (("Content-Type", "text/plain"),), b"token")
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


def ask(server, *requests: Request, cookies: str = ""):
    connection = Connection(Entrance(server.address.host, server.address.port))
    try:
        return [connection.exchange(request, cookies) for request in requests]
    finally:
        connection.close()


def failure(server, request: Request = READ) -> TransportFailure:
    with pytest.raises(Unanswered) as error:
        ask(server, request)
    return error.value.failure


def test_what_is_sent(scripted):
    """Host, cookies, headers, length, body."""
    server = scripted(lambda number, request: PLAIN)
    ask(server, WRITE, cookies="sid=a; SRV=b")

    assert server.requests == [
        f"PUT /value HTTP/1.1\r\nHost: {server.address}\r\nUser-Agent: outlast\r\nAccept: */*\r\n"
        f"Cookie: sid=a; SRV=b\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\ntoken".encode()
    ]


def test_a_connection_is_kept_alive(scripted):
    """As a browser does."""
    server = scripted(lambda number, request: PLAIN)

    assert [b"hi"] * 3 == [response.body for response, _ in ask(server, READ, WRITE, READ)]
    assert 1 == server.connections


def test_headers_and_cookies(scripted):
    """Every Set-Cookie line, and of other repeated headers the last."""
    raw = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX-One: 1\r\nset-cookie: b=2\r\nX-ONE: 2\r\nContent-Length: 0\r\n\r\n"
    [(response, cookies)] = ask(scripted(lambda number, request: raw), READ)

    assert ["a=1", "b=2"] == cookies
    assert "2" == response.headers["x-one"]


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN,
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + PLAIN,
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
    ],
)
def test_the_ways_to_answer(scripted, raw):
    """Chunked, interim answers first, old, closing; and the next request still works."""
    server = scripted(lambda number, request: raw)

    assert [(200, b"hi")] * 2 == [(response.status, response.body) for response, _ in ask(server, READ, READ)]


def answering_then_closing(raw: bytes):
    """Serves one request of a connection with these bytes, then hangs up."""

    def serve(connection: socket.socket) -> None:
        with connection:
            connection.recv(65_536)
            connection.sendall(raw)

    return serve


def test_an_answer_that_ends_with_the_connection(scripted):
    """No length: all until the end."""
    server = scripted(lambda number, request: None)
    server._serve = answering_then_closing(b"HTTP/1.1 200 OK\r\n\r\nhi")

    assert [b"hi"] * 2 == [response.body for response, _ in ask(server, READ, READ)]


def test_no_answers(scripted):
    """Empty 204 and 304, no body to wait for."""
    server = scripted(lambda number, request: b"HTTP/1.1 204 No Content\r\n\r\n")

    assert [(204, b"")] * 2 == [(response.status, response.body) for response, _ in ask(server, READ, READ)]


@pytest.mark.parametrize("request_", [READ, WRITE])
def test_a_broken_connection_is_never_answered_with_a_second_sending(scripted, request_):
    """A hidden second write would be blamed on the app."""
    server = scripted(lambda number, request: None)

    assert TransportFailure.RESET is failure(server, request_)
    assert 1 == len(server.requests)


def test_a_connection_that_broke_between_requests_is_replaced(scripted):
    """Nothing was sent on it yet, so that is no second sending: the second request arrives, once."""
    server = scripted(lambda number, request: PLAIN)
    connection = Connection(Entrance(server.address.host, server.address.port))
    connection.exchange(READ, "")
    assert connection._socket is not None
    connection._socket.shutdown(socket.SHUT_RDWR)

    assert b"hi" == connection.exchange(WRITE, "")[0].body
    assert [2, 2] == [server.connections, len(server.requests)]
    connection.close()


def test_a_refused_connection_is_told_apart():
    """It alone surely sent nothing."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # bound but not listening: refused, and nobody else can take the port

        with pytest.raises(Unanswered) as error:
            Connection(Entrance("127.0.0.1", bound.getsockname()[1])).exchange(READ, "")

    assert TransportFailure.REFUSED is error.value.failure


@pytest.mark.parametrize(
    "raw",
    [b"\x00\xff" * 50, b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
     b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"x" * (ANSWER_BYTES_MOST + 10)],
)  # fmt: skip
def test_what_is_no_http_is_garbled(scripted, raw):
    """And the connection is not used again."""
    assert TransportFailure.GARBLED is failure(scripted(lambda number, request: raw))


def test_an_answer_without_end_is_cut_off(scripted):
    """At our limit, not when memory is at its end."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"
    server = scripted(lambda number, request: head + b"x" * (3 * ANSWER_BYTES_MOST))

    first, second = ask(server, READ, READ)

    assert ANSWER_BYTES_MOST < len(first[0].body) + len(head) <= ANSWER_BYTES_MOST + 65_536
    assert 2 == server.connections
    assert 200 == second[0].status


def test_an_answer_cut_short_is_a_reset(scripted):
    """Half of it proves nothing."""
    server = scripted(lambda number, request: None)
    server._serve = answering_then_closing(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")

    assert TransportFailure.RESET is failure(server)

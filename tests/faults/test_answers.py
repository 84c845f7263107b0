"""What a client is told counts only when it was told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from outlast.faults.answers import comes_to_tell, told
from outlast.stacks.stack import Address


class Counting(BaseHTTPRequestHandler):
    """Tells with code 401 how often it was asked."""

    asked = 0

    def do_GET(self) -> None:
        """Count, and tell."""
        type(self).asked += 1
        self.send_response(401)
        self.end_headers()
        self.wfile.write(f"asked {self.asked}: {self.path}".encode())

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@pytest.fixture
def address() -> Iterator[Address]:
    """Where it answers."""
    Counting.asked = 0
    with HTTPServer(("127.0.0.1", 0), Counting) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Address("127.0.0.1", server.server_port)
        server.shutdown()
        thread.join()


def test_the_body_counts_whatever_the_status(address: Address) -> None:
    """An app that knows no such user still tells who answers."""
    assert "asked 1: /me" == told(address, "/me")


def test_it_asks_until_it_is_told(address: Address) -> None:
    """And no longer."""
    assert comes_to_tell(lambda: address, "/", "asked 3", 10.0)
    assert 3 == Counting.asked


def test_what_is_never_told_is_not_believed(address: Address) -> None:
    """Nor is silence."""
    assert not comes_to_tell(lambda: address, "/", "build b", 0.3)
    assert not comes_to_tell(lambda: None, "/", "build b", 0.0)
    assert "" == told(Address("127.0.0.1", 1), "/")

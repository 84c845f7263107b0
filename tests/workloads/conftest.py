"""Fixtures: the lab's real app, scripted servers, and load processes that are closed in the end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from outlast.drivers.front import PLAIN, Front
from outlast.stacks.stack import Address
from outlast.workloads.launch import LoadProcess
from outlast.workloads.workload import Load

sys.path.insert(0, str(Path(__file__).parents[2]))  # importlib mode: what stands beside this file is tests.workloads.*

from tests.workloads.driving import SMALL
from tests.workloads.servers import LabApp, Script, ScriptedServer


@pytest.fixture
def lab_app() -> Iterator[LabApp]:
    """A fresh replica, app-1."""
    app = LabApp()
    yield app
    app.kill()


@pytest.fixture
def scripted() -> Iterator[Callable[[Script], ScriptedServer]]:
    """Makes servers of scripts."""
    servers: list[ScriptedServer] = []

    def make(script: Script) -> ScriptedServer:
        servers.append(ScriptedServer(script))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


@pytest.fixture
def start(tmp_path) -> Iterator[Callable[..., LoadProcess]]:
    """Starts load processes, and closes them."""
    started: list[LoadProcess] = []

    def make(
        door: Address, load: Load = SMALL, *, driver: str = "lab", seed: int = 7, front: Front = PLAIN
    ) -> LoadProcess:
        folder = tmp_path / f"run-{len(started)}"
        folder.mkdir()
        process = LoadProcess(folder, load, door, driver, seed, front=front)
        started.append(process)
        process.start()
        return process

    yield make
    for process in started:
        process.close()

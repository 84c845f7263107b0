"""Stacks of one or two small servers of the lab's image: all that a fault of a single node needs."""

from __future__ import annotations

import http.client
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from outlast.stacks import lab, topology
from outlast.stacks.compose.command import find
from outlast.stacks.compose.stack import ComposeStack
from outlast.stacks.stack import Address, Stack

PREAMBLE = """
x-outlast: {door: {service: app-1, port: 8000}}
x-app: &app
  image: "${OUTLAST_LAB_IMAGE:-outlast-lab:latest}"
  command: [python3, -u, -m, http.server, "8000"]
  ports: ["127.0.0.1::8000"]
  stop_grace_period: 1s
  healthcheck: {test: [CMD, http-ok, "8000", /], interval: 1s, timeout: 30s, retries: 30}
"""
PAIR = """
x-lab: &lab
  <<: *app
  command: [python3, -m, outlast_lab_app]
  healthcheck: {test: [CMD, http-ok, "8000", /health], interval: 1s, timeout: 30s, retries: 30}
  x-outlast: {role: replica, port: 8000}
x-told: &told {OUTLAST_HOST: 0.0.0.0, OUTLAST_BUILD: "${OUTLAST_BUILD:-a}"}
services:
  app-1: {<<: *lab, environment: {<<: *told, OUTLAST_REPLICA: app-1}}
  app-2: {<<: *lab, environment: {<<: *told, OUTLAST_REPLICA: app-2}}
"""
ONE = """
services:
  app-1: {<<: *app, x-outlast: {role: replica, port: 8000}}
"""


@contextmanager
def small_stack(folder: Path, run_id: str, services: str = ONE) -> Iterator[ComposeStack]:
    """Up, and gone afterwards."""
    file = folder / f"{run_id}.yaml"
    file.write_text(PREAMBLE + services, encoding="utf-8")
    described = topology.read([file], os.environ)
    stack = ComposeStack(described, run_id, folder / run_id, compose=find(), lab=lab.folder(), tell=print)
    try:
        stack.start()
        yield stack
    finally:
        stack.remove()


class Idle:
    """A stack one verb of which only pretends: it claims a time, and does nothing."""

    def __init__(self, stack: Stack, verb: str) -> None:
        self._stack = stack
        self._verb = verb

    def __getattr__(self, name: str) -> Any:
        if name == self._verb:
            return lambda *_, **__: time.monotonic_ns()
        return getattr(self._stack, name)


def wait_for(condition: Callable[[], bool], within_s: float = 20.0) -> bool:
    """Whether it came true in that time."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def answer(address: Address | None, path: str = "/", timeout_s: float = 2.0) -> str | None:
    """What it answers; None when nobody does."""
    if address is None:
        return None
    connection = http.client.HTTPConnection(address.host, address.port, timeout=timeout_s)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()

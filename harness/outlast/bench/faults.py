"""How exactly faults strike: from the scheduled instant to what was seen from outside, beside the plain tool."""

from __future__ import annotations

import secrets
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from outlast.bench.figure import Figure, median, percentile
from outlast.clock import MonotonicClock
from outlast.errors import EngineError
from outlast.stacks.engine import choose, open_stack
from outlast.stacks.stack import Node, Role, Stack

STRIKES_A_RUN = 6


def measure(runs: int) -> list[Figure]:
    """Kill, crash and pause one replica again and again on the compose engine; `docker kill` in turn with our own kill.

    A crash needs no restart policy here: the node is started again after each. Raises EngineError without Docker.
    """
    choose("compose")
    with tempfile.TemporaryDirectory() as folder:
        stack = open_stack("compose", "sticky-memory", secrets.token_hex(4), Path(folder))
        try:
            stack.start()
            victim = next(node for node in stack.nodes() if node.role is Role.REPLICA)
            ours: list[float] = []
            plain: list[float] = []
            crashes: list[float] = []
            pauses: list[float] = []
            for _ in range(runs * STRIKES_A_RUN):
                ours.append(_onset_ms(stack.kill, victim))
                stack.start_node(victim)
                plain.append(_docker_kill_ms(stack, victim))
                stack.start_node(victim)
                crashes.append(_onset_ms(stack.crash, victim))
                stack.start_node(victim)
                pauses.append(_onset_ms(stack.pause, victim))
                stack.resume(victim)
        finally:
            stack.remove()
    return [
        median("kill.onset_ms_median", "ms", ours),
        percentile("kill.onset_ms_p95", "ms", ours, 0.95),
        median("kill.docker_cli_ms_median", "ms", plain),
        percentile("crash.onset_ms_p95", "ms", crashes, 0.95),
        percentile("pause.onset_ms_p95", "ms", pauses, 0.95),
    ]


def _onset_ms(strike: Callable[[Node], int], victim: Node) -> float:
    """Scheduled instant -> seen from outside, in ms."""
    clock = MonotonicClock()
    scheduled_ns = clock.now_ns() + 50_000_000
    clock.sleep((scheduled_ns - clock.now_ns()) / 1e9)
    return (strike(victim) - scheduled_ns) / 1e6


def _docker_kill_ms(stack: Stack, victim: Node) -> float:
    """The plain tool: `docker kill` typed at the same kind of instant, until the command says that it is done."""
    identity = stack.state(victim).identity
    began_ns = time.monotonic_ns()
    done = subprocess.run(["docker", "kill", identity], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise EngineError(f"`docker kill` failed, so there is nothing to compare with: {done.stderr.strip()}")
    return (time.monotonic_ns() - began_ns) / 1e6

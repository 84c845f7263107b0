"""How exactly faults strike: from the scheduled instant to what was seen from outside, beside the plain tool."""

from __future__ import annotations

import secrets
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from outlast.bench.contests import CONTESTS, VICTIM, Contest
from outlast.bench.figure import Figure, median, percentile
from outlast.clock import Clock, MonotonicClock
from outlast.errors import EngineError
from outlast.faults.fault import Fault
from outlast.stacks.engine import choose, open_stack
from outlast.stacks.stack import Node, Stack, Status

STRIKES_A_RUN = 6


@dataclass(slots=True)
class Measured:
    """Milliseconds of one contest, strike by strike."""

    onset: list[float] = field(default_factory=list)
    heal: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)


def measure(runs: int) -> list[Figure]:
    """Strike and heal one replica of the lab again and again on the compose engine, each in turn with the plain tool.

    A crash needs no restart policy here: the node is started again after each. Raises EngineError without Docker.
    """
    choose("auto")
    with tempfile.TemporaryDirectory() as folder:
        stack = open_stack("compose", "redis-aof", secrets.token_hex(4), Path(folder))
        try:
            stack.start()
            victim = next(node for node in stack.nodes() if node.name == VICTIM)
            return [figure for contest in CONTESTS for figure in _figures(contest, stack, victim, runs)]
        finally:
            stack.remove()


def _figures(contest: Contest, stack: Stack, victim: Node, runs: int) -> list[Figure]:
    measured, clock, name = Measured(), MonotonicClock(), contest.fault.name
    for _ in range(runs * STRIKES_A_RUN):
        _ours(contest.fault, stack, victim, clock, measured)
        _plain(contest, stack, victim, measured)
    plain = "docker_cli_ms_median" if name == "kill" else "plain_ms_median"
    return [
        median(f"{name}.onset_ms_median", "ms", measured.onset),
        percentile(f"{name}.onset_ms_p95", "ms", measured.onset, 0.95),
        median(f"{name}.{plain}", "ms", measured.plain),
        median(f"{name}.heal_ms_median", "ms", measured.heal),
    ]


def _ours(fault: Fault, stack: Stack, victim: Node, clock: Clock, measured: Measured) -> None:
    """Scheduled instant -> seen from outside, and from the wish to heal to the proof that it is healed."""
    before = stack.state(victim)
    scheduled_ns = clock.now_ns() + 50_000_000
    clock.sleep((scheduled_ns - clock.now_ns()) / 1e9)
    onset = fault.strike(stack, victim)
    if not onset.holds or onset.seen_ns is None:
        raise EngineError(f"{fault.name} could not be proven, so there is nothing to measure: {onset.evidence}")
    began_ns = clock.now_ns()
    heal = fault.heal(stack, victim, before)
    if not heal.holds:
        raise EngineError(f"{fault.name} could not be healed: {heal.evidence}")
    measured.onset.append((onset.seen_ns - scheduled_ns) / 1e6)
    measured.heal.append((clock.now_ns() - began_ns) / 1e6)


def _plain(contest: Contest, stack: Stack, victim: Node, measured: Measured) -> None:
    """The plain tool, typed at the same kind of instant, until the command says that it is done."""
    seen = stack.state(victim)
    measured.plain.append(_typed(contest.plain(seen)))
    if contest.plain_undo is not None:
        _typed(contest.plain_undo(seen))
    else:
        while (now := stack.state(victim)).status is Status.RUNNING and now.started == seen.started:
            time.sleep(0.005)  # the daemon hears of a death by another's hand a moment later
    stack.start_node(victim)


def _typed(command: Sequence[str]) -> float:
    began_ns = time.monotonic_ns()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise EngineError(f"`{' '.join(command)}` failed, so there is nothing to compare with: {done.stderr.strip()}")
    return (time.monotonic_ns() - began_ns) / 1e6

"""Strikes for a bench: ours as a run does it, undo record and all, in turn with a command typed by hand."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from outlast.archive.event import Event, FaultHealed, FaultStruck
from outlast.archive.events import EventLog
from outlast.bench.contest import Contest, Hand
from outlast.clock import Clock, MonotonicClock
from outlast.errors import EngineError
from outlast.faults.fault import prepare
from outlast.faults.ledger import Ledger
from outlast.runner.nemesis import Nemesis
from outlast.runner.schedule import Strike
from outlast.stacks.powers import nodes_of
from outlast.stacks.stack import Node, NodeState, Role, Stack, Status

AHEAD_NS = 50_000_000
"""How long before the instant it is scheduled."""


ENDS_NS = 30_000_000_000
"""How long after the plain command a node may still be told to run."""


@dataclass(slots=True)
class Measured:
    """Milliseconds of one contest, strike by strike.

    `onset_ms`: scheduled -> seen from outside. `plain_ms`: command typed -> command returned. `heal_ms`: wished ->
    proven healed.
    """

    onset_ms: list[float] = field(default_factory=list)
    plain_ms: list[float] = field(default_factory=list)
    heal_ms: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Striking:
    """One standing stack that is struck and healed; what the nemesis tells of it is kept in `told`."""

    stack: Stack
    nemesis: Nemesis
    clock: Clock
    told: list[Event]

    @classmethod
    @contextmanager
    def on(cls, stack: Stack, ledger: Ledger, events: Path) -> Iterator[Striking]:
        """Strikes on a stack that stands; whatever is in force at the end is healed. Raises HealError."""
        told: list[Event] = []
        clock = MonotonicClock()
        with EventLog(events, (told.append,)) as log:
            nemesis = Nemesis(stack, ledger, log, clock)
            try:
                yield cls(stack, nemesis, clock, told)
            finally:
                nemesis.heal()

    def measure(self, contest: Contest, strikes: int) -> Measured:
        """So many strikes of each. Raises EngineError when one cannot be proven or typed, HealError."""
        measured = Measured()
        nodes = contest.fault.aim.choose(nodes_of(self.stack), random.Random(0))
        for _ in range(strikes):
            self._ours(contest, nodes, measured)
            self._plain(contest, nodes, measured)
        return measured

    def _ours(self, contest: Contest, nodes: tuple[Node, ...], measured: Measured) -> None:
        self._go_ahead(contest, nodes)
        for node in nodes:
            prepare(contest.fault, self.stack, node)
        scheduled_ns = self.clock.now_ns() + AHEAD_NS
        strike = Strike(contest.fault, nodes, at_s=0, for_s=0)
        self.clock.sleep((scheduled_ns - self.clock.now_ns()) / 1e9)
        self.nemesis.strike(strike, scheduled_ns)
        wished_ns = self.clock.now_ns()
        self.nemesis.heal(strike)
        struck = next(event for event in reversed(self.told) if isinstance(event, FaultStruck))
        healed = next(event for event in reversed(self.told) if isinstance(event, FaultHealed))
        if not struck.proven or struck.onset_error_ms is None:
            raise EngineError(f"{contest.name} was not proven, so there is nothing to measure: {struck.evidence}")
        measured.onset_ms.append(struck.onset_error_ms)
        measured.heal_ms.append(max(0.0, (healed.at_ns - wished_ns) / 1e6))

    def _plain(self, contest: Contest, nodes: tuple[Node, ...], measured: Measured) -> None:
        self._go_ahead(contest, nodes)
        hand = self._hand(nodes)
        measured.plain_ms.append(_typed(contest.plain(hand)))
        if contest.ends:
            self._await_end(hand.node, hand.seen)
        if contest.plain_undo is not None:
            # What was struck may be another container by now.
            _typed(contest.plain_undo(self._hand(nodes)))
        for node in nodes:
            if node.role is not Role.SPARE:
                self.stack.start_node(node)
        if contest.settle is not None:
            contest.settle(self.stack)

    def _go_ahead(self, contest: Contest, nodes: tuple[Node, ...]) -> None:
        if contest.ahead is not None:
            _typed(contest.ahead(self._hand(nodes)))

    def _hand(self, nodes: tuple[Node, ...]) -> Hand:
        return Hand(self.stack, nodes[0], self.stack.state(nodes[0]))

    def _await_end(self, node: Node, seen: NodeState) -> None:
        """The daemon hears of a death by another's hand a moment later. Raises EngineError when it never does."""
        until_ns = self.clock.now_ns() + ENDS_NS
        while (now := self.stack.state(node)).status is Status.RUNNING and now.started == seen.started:
            if self.clock.now_ns() > until_ns:
                raise EngineError(f"{node.name} goes on after the plain command, so there is nothing to compare with.")
            self.clock.sleep(0.005)


def _typed(command: Sequence[str]) -> float:
    """Milliseconds until it returned. Raises EngineError with its last words when it failed."""
    began_ns = time.monotonic_ns()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-300:]
        raise EngineError(f"`{' '.join(command)}` failed, so there is nothing to compare with: {said}")
    return (time.monotonic_ns() - began_ns) / 1e6

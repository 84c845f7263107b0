"""Delay: what a node sends arrives later, by a little more or less."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

from outlast.errors import StackError, UsageError
from outlast.faults import queueing
from outlast.faults.fault import Aim, Proof, Undo
from outlast.faults.queueing import Queue
from outlast.faults.reachability import knock, neighbours, volley
from outlast.stacks.powers import networking
from outlast.stacks.stack import Node, NodeState, Power, Stack


@dataclass(frozen=True, slots=True)
class Delay:
    """What it sends arrives `ms` later, give or take `jitter_ms`; what it receives comes as ever.

    The kernel's netem in front of each of its interfaces but loopback; hosts without it do not support this fault. A
    queue that somebody else has set up there is left alone, and then nothing is done.
    """

    aim: Aim
    ms: int = 200
    jitter_ms: int = 0

    name: ClassVar[str] = "delay"
    needs: ClassVar[tuple[Power, ...]] = (Power.NETWORK, Power.DELAY)
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not 1 <= self.ms <= 60_000:
            raise UsageError(f"A delay is from 1 to 60,000 ms, not {self.ms}.")
        if not 0 <= self.jitter_ms <= self.ms:
            raise UsageError(f"A delay of {self.ms} ms may vary by 0 to {self.ms} ms, not by {self.jitter_ms}.")

    def prepare(self, stack: Stack, node: Node) -> None:
        networking(stack).prepare_network(node)

    def undo(self, stack: Stack, node: Node) -> Undo:
        return queueing.undo(stack, node, self.name, self._queue(stack))

    def strike(self, stack: Stack, node: Node) -> Proof:
        queue = self._queue(stack)
        reason = stack.unsupported(Power.DELAY)
        if reason is not None:
            return Proof(holds=False, evidence=reason)
        try:
            seen_ns = queueing.put(stack, node, queue)
            near = neighbours(stack, node)[:1]
            volley(stack, node, near, 3)
            counted = queueing.look(stack, node, queue)
            asked_ns = time.monotonic_ns()
            knock(stack, node, near)
            took_ms = (time.monotonic_ns() - asked_ns) / 1e6
        except StackError as refusal:
            return Proof(holds=False, evidence=f"{node.name} is not delayed: {refusal}")
        # A connection's first packet waits once: from outside it takes at least that long, or it is given up before.
        late = took_ms >= min(self.ms - self.jitter_ms, 400)
        if counted is None or counted.packets + counted.waiting == 0 or not late:
            seen = "no queue is there" if counted is None else f"{counted.packets + counted.waiting} packets met it"
            told = f"{seen}; a connection took {took_ms:.0f} ms"
            return Proof(holds=False, evidence=f"{node.name} was not proven delayed: {told}")
        told = f"{node.name} sends {self.ms} ms late by queue {queue.kind} {queue.handle}"
        return Proof(holds=True, evidence=f"{told}: a connection took {took_ms:.0f} ms", seen_ns=seen_ns)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        return queueing.heal(stack, node, before, self.undo(stack, node), self._queue(stack))

    def _queue(self, stack: Stack) -> Queue:
        # The kernel's own limit of 1000 packets would drop what a busy node sends within a long delay.
        settings = f"delay {self.ms}ms {self.jitter_ms}ms limit 100000"
        return Queue("netem", settings, queueing.handle(stack, repr(self)))

"""Bandwidth: what a node sends trickles at a rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from outlast.errors import StackError, UsageError
from outlast.faults import queueing
from outlast.faults.fault import Aim, Proof, Undo
from outlast.faults.queueing import Queue
from outlast.faults.reachability import neighbours, volley
from outlast.stacks.powers import networking
from outlast.stacks.stack import Node, NodeState, Power, Stack

PACKET = 1000


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """What it sends is held to `kbit_s`; what it receives is not. What waits longer than `wait_ms` is dropped.

    A token bucket (tbf) in front of each of its interfaces but loopback. A queue that somebody else has set up there is
    left alone, and then nothing is done.
    """

    aim: Aim
    kbit_s: int = 256
    wait_ms: int = 1000

    name: ClassVar[str] = "bandwidth"
    needs: ClassVar[tuple[Power, ...]] = (Power.NETWORK, Power.BANDWIDTH)
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not 8 <= self.kbit_s <= 10_000_000:
            raise UsageError(f"A bandwidth is from 8 kbit/s to 10,000,000 kbit/s, not {self.kbit_s}.")
        if self.wait_ms <= 0:
            raise UsageError(f"What is held back must be allowed to wait, not {self.wait_ms} ms.")

    def prepare(self, stack: Stack, node: Node) -> None:
        networking(stack).prepare_network(node)

    def undo(self, stack: Stack, node: Node) -> Undo:
        return queueing.undo(stack, node, self.name, self._queue(stack))

    def strike(self, stack: Stack, node: Node) -> Proof:
        queue = self._queue(stack)
        try:
            seen_ns = queueing.put(stack, node, queue)
            packets = 3 * self._burst() // PACKET + 3
            sent = volley(stack, node, neighbours(stack, node)[:1], packets, PACKET)
            counted = queueing.look(stack, node, queue)
        except StackError as refusal:
            return Proof(holds=False, evidence=f"{node.name} is not held to a rate: {refusal}")
        if counted is None or counted.overlimits + counted.dropped == 0:
            seen = "no queue is there" if counted is None else f"of {counted.packets} packets none was held back"
            return Proof(holds=False, evidence=f"{node.name} was not proven to be held to a rate: {seen}")
        return Proof(
            holds=True,
            evidence=f"{node.name} sends at most {self.kbit_s} kbit/s by queue {queue.kind} {queue.handle}: "
            f"{counted.overlimits} times held back and {counted.dropped} dropped, {sent} packets sent at once",
            seen_ns=seen_ns,
        )

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        return queueing.heal(stack, node, before, self.undo(stack, node), self._queue(stack))

    def _queue(self, stack: Stack) -> Queue:
        settings = f"rate {self.kbit_s}kbit burst {self._burst()} latency {self.wait_ms}ms"
        return Queue("tbf", settings, queueing.handle(stack, repr(self)))

    def _burst(self) -> int:
        """Bytes that pass at once: two packets, or what the rate gives in the 4 ms of a kernel's slow tick."""
        return max(3200, self.kbit_s * 1000 // 8 // 250)

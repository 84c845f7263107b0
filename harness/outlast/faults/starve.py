"""Starvation: the node may use next to nothing of a core, so that it lives and hardly answers."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import ClassVar

from outlast.errors import StackError, UsageError
from outlast.faults import limits, proof
from outlast.faults.fault import Aim, Proof, Undo
from outlast.faults.remembering import Records
from outlast.stacks.powers import Limit, limiting
from outlast.stacks.stack import Node, NodeState, Power, Stack, Status

BITES_S = 5.0
LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Starve:
    """Its control group gets `cpus` of a core (0.02: two percent): it lives, and hardly answers.

    Proven by the kernel's own counter of how long it held the node back: a node that asked for no more than its quota
    within 5 s was not harmed, and is not said to be. `cpus` is from 0.01, the least that Docker takes.
    """

    aim: Aim
    cpus: float = 0.02
    _records: Records = field(default_factory=Records, repr=False, compare=False)

    name: ClassVar[str] = "starve"
    needs: ClassVar[tuple[Power, ...]] = (Power.LIMIT,)
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not 0.01 <= self.cpus < 64:
            raise UsageError(f"Starve(cpus={self.cpus}) is of no use; give a part of a core from 0.01, such as 0.02.")

    def undo(self, stack: Stack, node: Node) -> Undo:
        facts = limits.facts(stack, node)
        return self._records.keep(Undo(fault=self.name, node=node.name, verb="relax", facts=facts))

    def strike(self, stack: Stack, node: Node) -> Proof:
        power = limiting(stack)
        try:
            if stack.state(node).status is not Status.RUNNING:
                return Proof(holds=False, evidence=f"{node.name} is not running, so nothing can be done to it.")
            power.limit(node, Limit(cpus=self.cpus, memory_bytes=power.limits(node).memory_bytes))
            seen_ns = time.monotonic_ns()
            # Read after the limit: some daemons tell it once a second only, and would keep the strike waiting.
            held_back_ns = power.throttled_ns(node)
            more_ns = _held_back_further(stack, node, held_back_ns)
        except StackError as refusal:
            return Proof(holds=False, evidence=str(refusal))
        told = f"{node.name} was held back by its control group for another {more_ns / 1e6:.0f} ms"
        if more_ns <= 0:
            return Proof(holds=False, evidence=f"{node.name} was not harmed: it was never held back in {BITES_S:g} s")
        return Proof(holds=True, evidence=f"{told}, at {self.cpus:g} of a core", seen_ns=seen_ns)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        def cure() -> None:
            self._records.take_back(stack, node)
            stack.start_node(node)  # it runs; this waits until its health check passes again

        healed = proof.of_heal(stack, node, cure, before, restarted=False)
        return proof.also(healed, lambda: limits.changed(stack, node, self._records.fact(node, limits.WERE)))


def _held_back_further(stack: Stack, node: Node, since_ns: int) -> int:
    """How much the kernel's counter has grown, as soon as it has; 0 when it does not."""
    deadline = time.monotonic() + BITES_S
    while True:
        more_ns = limiting(stack).throttled_ns(node) - since_ns
        if more_ns > 0 or time.monotonic() > deadline:
            return more_ns
        time.sleep(LOOK_S)

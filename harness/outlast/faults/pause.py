"""A pause: every process of the node is frozen, connections stay open and nobody answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from outlast.faults import proof
from outlast.faults.fault import Aim, Proof, Undo
from outlast.stacks.stack import Node, NodeState, Power, Stack, Status


@dataclass(frozen=True, slots=True)
class Pause:
    """All of its processes frozen: connections stay open, nobody answers; then thawed."""

    aim: Aim

    name: ClassVar[str] = "pause"
    needs: ClassVar[tuple[Power, ...]] = (Power.PAUSE,)
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = False

    def undo(self, stack: Stack, node: Node) -> Undo:
        return Undo(fault=self.name, node=node.name, verb="resume")

    def strike(self, stack: Stack, node: Node) -> Proof:
        return proof.of_harm(stack, node, lambda: stack.pause(node), lambda state: state.status is Status.PAUSED)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        return proof.of_heal(stack, node, lambda: stack.resume(node), before, restarted=False)

"""SIGTERM and a grace: the node is told to go, drains, and stays away until it is healed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from outlast.faults import proof
from outlast.faults.fault import Aim, Proof, Undo
from outlast.stacks.stack import Node, NodeState, Power, Stack, Status


@dataclass(frozen=True, slots=True)
class Stop:
    """SIGTERM, then SIGKILL after `grace_s`: it says goodbye and stays away until it is healed."""

    aim: Aim
    grace_s: float = 10.0

    name: ClassVar[str] = "stop"
    needs: ClassVar[tuple[Power, ...]] = (Power.STOP, Power.START)
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = False

    def undo(self, stack: Stack, node: Node) -> Undo:
        return Undo(fault=self.name, node=node.name, verb="start")

    def strike(self, stack: Stack, node: Node) -> Proof:
        def stop() -> int:
            return stack.stop(node, self.grace_s)

        return proof.of_harm(stack, node, stop, lambda state: state.status is Status.EXITED)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        return proof.of_heal(stack, node, lambda: stack.start_node(node), before, restarted=True)

"""SIGKILL: the node vanishes without saying goodbye, and nobody restarts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from outlast.faults import proof
from outlast.faults.fault import Aim, Proof, Undo
from outlast.stacks.stack import Node, NodeState, Power, Stack, Status


@dataclass(frozen=True, slots=True)
class Kill:
    """SIGKILL by the engine: it vanishes without saying goodbye and stays away until it is healed."""

    aim: Aim

    name: ClassVar[str] = "kill"
    needs: ClassVar[tuple[Power, ...]] = (Power.KILL, Power.START)
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = False

    def undo(self, stack: Stack, node: Node) -> Undo:
        return Undo(fault=self.name, node=node.name, verb="start")

    def strike(self, stack: Stack, node: Node) -> Proof:
        return proof.of_harm(stack, node, lambda: stack.kill(node), lambda state: state.status is Status.EXITED)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        return proof.of_heal(stack, node, lambda: stack.start_node(node), before, restarted=True)

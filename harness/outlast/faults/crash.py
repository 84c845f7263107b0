"""A crash: the main process dies by SIGKILL, and a restart policy acts if there is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from outlast.faults import proof
from outlast.faults.fault import Aim, Proof, Undo
from outlast.stacks.stack import Node, NodeState, Power, Stack, Status


@dataclass(frozen=True, slots=True)
class Crash:
    """SIGKILL of the main process from outside the engine: a restart policy brings it back, if there is one."""

    aim: Aim

    name: ClassVar[str] = "crash"
    needs: ClassVar[tuple[Power, ...]] = (Power.CRASH, Power.START)
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = False

    def undo(self, stack: Stack, node: Node) -> Undo:
        return Undo(fault=self.name, node=node.name, verb="start")

    def strike(self, stack: Stack, node: Node) -> Proof:
        before = stack.state(node)

        def shows(state: NodeState) -> bool:
            # With a restart policy the node may be back before we look: then only its start tells.
            return state.status in (Status.EXITED, Status.RESTARTING) or state.started != before.started

        return proof.of_harm(stack, node, lambda: stack.crash(node), shows)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        return proof.of_heal(stack, node, lambda: stack.start_node(node), before, restarted=True)

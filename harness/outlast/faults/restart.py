"""A restart: the same node stops gracefully and starts again at once, as in a deployment."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import ClassVar

from outlast.errors import StackError
from outlast.faults import proof
from outlast.faults.fault import Aim, Proof, Undo
from outlast.stacks.stack import Node, NodeState, Power, Stack


@dataclass(frozen=True, slots=True)
class Restart:
    """SIGTERM, a grace of `grace_s`, and a start of the same node at once; the window is from gone to healthy."""

    aim: Aim
    grace_s: float = 10.0

    name: ClassVar[str] = "restart"
    needs: ClassVar[tuple[Power, ...]] = (Power.STOP, Power.START)
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = True

    def undo(self, stack: Stack, node: Node) -> Undo:
        return Undo(fault=self.name, node=node.name, verb="start")

    def strike(self, stack: Stack, node: Node) -> Proof:
        before = stack.state(node)

        def restart() -> int:
            gone_ns = stack.stop(node, self.grace_s)
            with contextlib.suppress(StackError):  # a node that does not come back is the heal's matter
                stack.start_node(node)
            return gone_ns

        return proof.of_harm(stack, node, restart, lambda state: state.started != before.started)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        return proof.of_heal(stack, node, lambda: stack.start_node(node), before, restarted=True)

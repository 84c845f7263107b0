"""A rolling restart: one node after the other, each well again before the next one goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from outlast.faults import proof
from outlast.faults.fault import Aim, Proof, Undo
from outlast.faults.rolling import well_again
from outlast.stacks.stack import Node, NodeState, Power, Stack


@dataclass(frozen=True, slots=True)
class RollingRestart:
    """One node after the other: SIGTERM and a grace (`drained`) or SIGKILL, start, well for `ready_s`; then the next.

    Aim it at `every("replica")`. `ready_s` is what a deployment calls its minimum ready time: how long a node must have
    been healthy before the next one goes. A node that does not come back ends it with a `StackError`, as it would end
    a deployment. The window is from the first node's end to the last one's health.
    """

    aim: Aim
    drained: bool = True
    grace_s: float = 10.0
    ready_s: float = 2.0

    name: ClassVar[str] = "rolling_restart"
    needs: ClassVar[tuple[Power, ...]] = (Power.STOP, Power.KILL, Power.START)
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = True

    def undo(self, stack: Stack, node: Node) -> Undo:
        return Undo(fault=self.name, node=node.name, verb="start")

    def strike(self, stack: Stack, node: Node) -> Proof:
        before = stack.state(node)

        def end() -> int:
            return stack.stop(node, self.grace_s) if self.drained else stack.kill(node)

        ended = proof.of_harm(stack, node, end, lambda state: state.status is not before.status)
        if not ended.holds:
            return ended
        stack.start_node(node)
        well_again(stack, node, self.ready_s)
        how = "after SIGTERM" if self.drained else "by SIGKILL"
        return proof.of_harm(
            stack, node, lambda: ended.seen_ns or 0, lambda state: state.started != before.started, told=how
        )

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        return proof.of_heal(stack, node, lambda: stack.start_node(node), before, restarted=True)

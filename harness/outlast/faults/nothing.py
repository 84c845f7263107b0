"""No harm at all: the control that every experiment can be compared with."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

from outlast.faults import proof
from outlast.faults.aim import Named
from outlast.faults.fault import Aim, Proof, Undo
from outlast.stacks.stack import Node, NodeState, Power, Stack, Status

NOBODY = Named(())


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing is done to nobody, and that is proven: the node it looks at runs on, never started anew."""

    aim: Aim = NOBODY

    name: ClassVar[str] = "nothing"
    needs: ClassVar[tuple[Power, ...]] = ()
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = False

    def undo(self, stack: Stack, node: Node) -> Undo:
        return Undo(fault=self.name, node=node.name, verb="nothing")

    def strike(self, stack: Stack, node: Node) -> Proof:
        return proof.of_harm(stack, node, time.monotonic_ns, lambda state: state.status is Status.RUNNING)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        return proof.of_heal(stack, node, lambda: None, before, restarted=False)

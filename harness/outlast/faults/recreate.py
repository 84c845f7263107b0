"""A recreation: a new node takes the old one's place, as when a new image is deployed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from outlast.faults import proof
from outlast.faults.fault import Aim, Proof, Undo
from outlast.stacks.powers import Recreating
from outlast.stacks.stack import Node, NodeState, Power, Stack


@dataclass(frozen=True, slots=True)
class Recreate:
    """A new node in the old one's place, with only its volumes kept; the window is from gone to healthy."""

    aim: Aim

    name: ClassVar[str] = "recreate"
    needs: ClassVar[tuple[Power, ...]] = (Power.RECREATE, Power.START)
    irreversible: ClassVar[bool] = True
    instant: ClassVar[bool] = True

    def undo(self, stack: Stack, node: Node) -> Undo:
        return undo_of_recreation(self.name, stack, node)

    def strike(self, stack: Stack, node: Node) -> Proof:
        before = stack.state(node)
        return proof.of_harm(stack, node, lambda: stack.recreate(node), lambda state: state.identity != before.identity)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        return proof.of_heal(stack, node, lambda: stack.start_node(node), before, restarted=True, recreated=True)


def undo_of_recreation(fault: str, stack: Stack, node: Node) -> Undo:
    """Brings up, as its files describe it, a node whose recreation was cut off; nothing where the stack goes away."""
    facts = stack.recreation(node) if isinstance(stack, Recreating) else {}
    return Undo(fault=fault, node=node.name, verb="up" if facts else "nothing", facts=tuple(facts.items()))

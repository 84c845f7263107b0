"""Scaling in: a node is taken away in order, and another of its name is added again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from outlast.faults import answers, proof
from outlast.faults.fault import Aim, Proof, Undo
from outlast.faults.scale_out import ANSWERS_S
from outlast.stacks.powers import scaling
from outlast.stacks.stack import Node, NodeState, Power, Stack, Status


@dataclass(frozen=True, slots=True)
class ScaleIn:
    """A replica is stopped in order and removed, with all it kept outside its volumes; the heal adds it again.

    The heal is proven by its health, and at the door: answers to `asks` come to hold `tells` (`{node}` is filled in);
    with `asks=""` by its health alone.
    """

    aim: Aim
    asks: str = "/me"
    tells: str = '"replica": "{node}"'

    name: ClassVar[str] = "scale_in"
    needs: ClassVar[tuple[Power, ...]] = (Power.SCALE,)
    irreversible: ClassVar[bool] = True
    instant: ClassVar[bool] = False

    def undo(self, stack: Stack, node: Node) -> Undo:
        return Undo(fault=self.name, node=node.name, verb="nothing")  # the recorded container is the one that goes

    def strike(self, stack: Stack, node: Node) -> Proof:
        return proof.of_harm(
            stack, node, lambda: scaling(stack).take_away(node), lambda state: state.status is Status.ABSENT
        )

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        def cure() -> None:
            if stack.state(node).status is Status.ABSENT:
                scaling(stack).add(node)
            else:
                stack.start_node(node)

        healed = proof.of_heal(stack, node, cure, before, restarted=True, recreated=True)
        told = self.tells.replace("{node}", node.name)
        return proof.also(healed, lambda: answers.missing(stack.door, self.asks, told, ANSWERS_S))

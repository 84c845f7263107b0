"""Scaling out: a node from the reserve joins, and is taken away again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from outlast.errors import StackError
from outlast.faults import answers, proof
from outlast.faults.fault import Aim, Proof, Undo
from outlast.stacks.powers import scaling
from outlast.stacks.stack import Node, NodeState, Power, Stack, Status

ANSWERS_S = 15.0


@dataclass(frozen=True, slots=True)
class ScaleOut:
    """A node in reserve joins under load, and the heal takes it away in order.

    Aim it at `one("spare")`. Proven by its health, and at the door: answers to `asks` come to hold `tells` (`{node}` is
    filled in); with `asks=""` by its health alone. Whoever logged in there is lost with it when it keeps sessions.
    """

    aim: Aim
    asks: str = "/me"
    tells: str = '"replica": "{node}"'

    name: ClassVar[str] = "scale_out"
    needs: ClassVar[tuple[Power, ...]] = (Power.SCALE,)
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = False

    def undo(self, stack: Stack, node: Node) -> Undo:
        return Undo(fault=self.name, node=node.name, verb="remove")

    def strike(self, stack: Stack, node: Node) -> Proof:
        joined = proof.of_harm(
            stack,
            node,
            lambda: scaling(stack).add(node),
            lambda state: state.status is Status.RUNNING and state.healthy is not False,
        )
        return proof.also(joined, lambda: answers.missing(stack.door, self.asks, self._told(node), ANSWERS_S))

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        try:
            seen_ns = None
            if stack.state(node).status is not Status.ABSENT:
                seen_ns = scaling(stack).take_away(node)
            state = stack.state(node)
        except StackError as refusal:
            return Proof(holds=False, evidence=str(refusal))
        evidence = f"{node.name} {proof.in_words(state)}"
        return Proof(holds=state.status is Status.ABSENT, evidence=evidence, seen_ns=seen_ns)

    def _told(self, node: Node) -> str:
        return self.tells.replace("{node}", node.name)

"""A move: a new node takes the old one's place at another address, and who remembers the old one meets nobody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from outlast.faults import answers, proof
from outlast.faults.fault import Aim, Proof, Undo
from outlast.stacks.powers import moving
from outlast.stacks.stack import Node, NodeState, Power, Stack

FOLLOWS_S = 10.0


@dataclass(frozen=True, slots=True)
class Move:
    """A new node in the old one's place, at another address: a balancer that asked for it once has a stale one.

    A plain recreation is often given its old address again. The heal is proven by the node alone; whether answers at
    the door (`asks`) come to hold `tells` (`{node}` is filled in) is told with it, for it is the system's to do.
    """

    aim: Aim
    asks: str = "/me"
    tells: str = '"replica": "{node}"'

    name: ClassVar[str] = "move"
    needs: ClassVar[tuple[Power, ...]] = (Power.MOVE, Power.START)
    irreversible: ClassVar[bool] = True
    instant: ClassVar[bool] = True

    def undo(self, stack: Stack, node: Node) -> Undo:
        return Undo(fault=self.name, node=node.name, verb="nothing")  # the recorded container is the one that goes

    def strike(self, stack: Stack, node: Node) -> Proof:
        before = stack.state(node)

        def elsewhere(state: NodeState) -> bool:
            return state.identity != before.identity and state.address not in (None, before.address)

        moved = proof.of_harm(stack, node, lambda: moving(stack).move(node), elsewhere)
        now = stack.state(node).address
        return replace(moved, evidence=f"{moved.evidence}; its address was {before.address} and is {now}")

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        healed = proof.of_heal(stack, node, lambda: stack.start_node(node), before, restarted=True, recreated=True)
        stale = answers.missing(stack.door, self.asks, self.tells.replace("{node}", node.name), FOLLOWS_S)
        follows = f"the door does not follow: {stale}" if stale else "the door follows"
        return replace(healed, evidence=f"{healed.evidence}; {follows}")

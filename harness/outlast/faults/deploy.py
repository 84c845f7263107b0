"""A rolling deployment: another build takes the place of the one that runs, node by node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from outlast.faults import answers, proof
from outlast.faults.fault import Aim, Proof, Undo
from outlast.faults.recreate import undo_of_recreation
from outlast.faults.rolling import well_again
from outlast.stacks.powers import deploying
from outlast.stacks.stack import Node, NodeState, Power, Stack

ANSWERS_S = 10.0


@dataclass(frozen=True, slots=True)
class Deploy:
    """Another build in a new container, node by node, each well before the next; a rollback is another deploy.

    `variable` of the Compose files is set to `build` and the node recreated. Proven by another container, and by the
    node's own answer to `asks`, which must hold `tells` (`{build}` is filled in); with `asks=""` by the container
    alone. Nothing is taken back: `Deploy(every("replica"), build="a")` is the rollback.
    """

    aim: Aim
    build: str = "b"
    variable: str = "OUTLAST_BUILD"
    asks: str = "/me"
    tells: str = '"build": "{build}"'
    ready_s: float = 2.0

    name: ClassVar[str] = "deploy"
    needs: ClassVar[tuple[Power, ...]] = (Power.DEPLOY, Power.RECREATE, Power.START)
    irreversible: ClassVar[bool] = True
    instant: ClassVar[bool] = True

    def undo(self, stack: Stack, node: Node) -> Undo:
        return undo_of_recreation(self.name, stack, node)

    def strike(self, stack: Stack, node: Node) -> Proof:
        before = stack.state(node)

        def deploy() -> int:
            gone_ns = deploying(stack).deploy(node, {self.variable: self.build})
            stack.start_node(node)
            return gone_ns

        deployed = proof.of_harm(
            stack, node, deploy, lambda state: state.identity != before.identity, told=f"build {self.build}"
        )
        deployed = proof.also(deployed, lambda: self._untold(stack, node))
        if deployed.holds:
            well_again(stack, node, self.ready_s)
        return deployed

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        healed = proof.of_heal(stack, node, lambda: stack.start_node(node), before, restarted=True, recreated=True)
        return proof.also(healed, lambda: self._untold(stack, node))

    def _untold(self, stack: Stack, node: Node) -> str:
        """What is wrong with the node's own answer; "" when it tells the build."""
        text = self.tells.replace("{build}", self.build)
        return answers.missing(lambda: stack.address(node), self.asks, text, ANSWERS_S)

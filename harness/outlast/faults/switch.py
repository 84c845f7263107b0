"""A blue/green switch: all users go to the other pool at once, and the heal is the rollback."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import ClassVar

from outlast.errors import StackError
from outlast.faults import answers, proof
from outlast.faults.fault import Aim, Proof, Undo
from outlast.faults.remembering import Records
from outlast.stacks.powers import executing
from outlast.stacks.stack import Node, NodeState, Power, Stack

ANSWERS_S = 10.0
IN_A_ROW = 12
"""So many answers, each over a fresh connection, without one from the other pool: all of it has switched."""

BLUE = ("replicas/app-1", "replicas/app-2")
GREEN = ("replicas/app-3", "replicas/app-4")


def _states(ready: tuple[str, ...], maint: tuple[str, ...]) -> tuple[str, ...]:
    """The lab's own command. Who comes is ready before who goes is not: at no moment is there nobody."""
    told = [f"set server {name} state ready" for name in ready] + [f"set server {name} state maint" for name in maint]
    return ("haproxy-tell", "; ".join(told))


@dataclass(frozen=True, slots=True)
class Switch:
    """All users are sent to the other pool at once (blue/green), and back by the heal: the rollback.

    `to` and `back` are commands run in the balancer, by default those of the lab's option `blue-green`. Which pool
    answers is told by the door: `asks` is answered with `blue` in the text before, and with `green` after.
    """

    aim: Aim
    to: tuple[str, ...] = _states(GREEN, BLUE)
    back: tuple[str, ...] = _states(BLUE, GREEN)
    asks: str = "/me"
    blue: str = '"build": "a"'
    green: str = '"build": "b"'
    _records: Records = field(default_factory=Records, repr=False, compare=False)

    name: ClassVar[str] = "switch"
    needs: ClassVar[tuple[Power, ...]] = (Power.EXECUTE,)
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = False

    def undo(self, stack: Stack, node: Node) -> Undo:
        facts = (("command", json.dumps(self.back)),)
        return self._records.keep(Undo(fault=self.name, node=node.name, verb="execute", facts=facts))

    def strike(self, stack: Stack, node: Node) -> Proof:
        try:
            if not answers.all_tell(stack.door, self.asks, self.blue, IN_A_ROW, ANSWERS_S):
                return Proof(holds=False, evidence=f"the door did not tell {self.blue} before the switch")
            ran = executing(stack).execute(node, self.to)
            seen_ns = time.monotonic_ns()
        except StackError as refusal:
            return Proof(holds=False, evidence=str(refusal))
        if ran.code != 0:
            return Proof(holds=False, evidence=f"{node.name} refused to switch: {ran.output.strip()[-200:]}")
        if not answers.all_tell(stack.door, self.asks, self.green, IN_A_ROW, ANSWERS_S):
            return Proof(holds=False, evidence=f"{node.name} did not switch: the door does not tell {self.green}")
        return Proof(holds=True, evidence=f"{IN_A_ROW} answers at the door told {self.green}", seen_ns=seen_ns)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        def cure() -> None:
            self._records.take_back(stack, node)
            stack.start_node(node)

        def flaw() -> str:
            told = answers.all_tell(stack.door, self.asks, self.blue, IN_A_ROW, ANSWERS_S)
            return "" if told else f"the door does not tell {self.blue} again"

        return proof.also(proof.of_heal(stack, node, cure, before), flaw)

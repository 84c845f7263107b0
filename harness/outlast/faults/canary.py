"""A canary: a few of the users are sent to another build, the others stay where they are."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import ClassVar

from outlast.errors import StackError
from outlast.faults import answers, proof
from outlast.faults.fault import Aim, Proof, Undo
from outlast.faults.remembering import Records
from outlast.faults.switch import ANSWERS_S, IN_A_ROW
from outlast.stacks.powers import executing
from outlast.stacks.stack import Node, NodeState, Power, Stack

ASKED = 40

TO = "set weight replicas/app-3 30; set server replicas/app-3 state ready"
BACK = "set server replicas/app-3 state maint; set weight replicas/app-3 100"


@dataclass(frozen=True, slots=True)
class Canary:
    """A small share of the users who come is sent to another build; the heal takes it out again.

    `to` and `back` are commands run in the balancer, by default those of the lab's option `blue-green`: one replica of
    build b with a weight of 30 beside two of 100. Proven at the door: of 40 answers some hold `new`, and most `old`.
    """

    aim: Aim
    to: tuple[str, ...] = ("haproxy-tell", TO)
    back: tuple[str, ...] = ("haproxy-tell", BACK)
    asks: str = "/me"
    old: str = '"build": "a"'
    new: str = '"build": "b"'
    _records: Records = field(default_factory=Records, repr=False, compare=False)

    name: ClassVar[str] = "canary"
    needs: ClassVar[tuple[Power, ...]] = (Power.EXECUTE,)
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = False

    def undo(self, stack: Stack, node: Node) -> Undo:
        facts = (("command", json.dumps(self.back)),)
        return self._records.keep(Undo(fault=self.name, node=node.name, verb="execute", facts=facts))

    def strike(self, stack: Stack, node: Node) -> Proof:
        try:
            ran = executing(stack).execute(node, self.to)
            seen_ns = time.monotonic_ns()
        except StackError as refusal:
            return Proof(holds=False, evidence=str(refusal))
        if ran.code != 0:
            return Proof(holds=False, evidence=f"{node.name} refused: {ran.output.strip()[-200:]}")
        answers.comes_to_tell(stack.door, self.asks, self.new, ANSWERS_S)
        told = [answers.told(stack.door(), self.asks) for _ in range(ASKED)]
        new, old = sum(self.new in text for text in told), sum(self.old in text for text in told)
        evidence = f"of {ASKED} answers at the door {new} told {self.new} and {old} told {self.old}"
        holds = 0 < new < old
        return Proof(holds=holds, evidence=evidence, seen_ns=seen_ns if holds else None)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        def cure() -> None:
            self._records.take_back(stack, node)
            stack.start_node(node)

        def flaw() -> str:
            told = answers.all_tell(stack.door, self.asks, self.old, IN_A_ROW, ANSWERS_S)
            return "" if told else f"the door does not tell {self.old} alone again"

        return proof.also(proof.of_heal(stack, node, cure, before), flaw)

"""Loss: some of the node's packets vanish, at random."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import ClassVar

from outlast.errors import StackError, UsageError
from outlast.faults import packet_rules, proof
from outlast.faults.fault import Aim, Proof, Undo
from outlast.faults.packet_rules import EVERYBODY, Seen, Table
from outlast.faults.reachability import neighbours, volley
from outlast.stacks.powers import networking, undoing
from outlast.stacks.stack import Node, NodeState, Power, Stack

CHANCE_MISSED = 1e-9
"""How likely a true loss may be not to be seen in a volley."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A share of its packets vanishes at random, of those it sends and of those it receives alike.

    `percent` from 0.1 to 100, of packets as the kernel hands them on: a large transfer counts several segments as one.
    All but loopback. `deadline_s` is when the rules lose their effect though nobody took them back.
    """

    aim: Aim
    percent: float = 10.0
    deadline_s: float = 600.0

    name: ClassVar[str] = "loss"
    needs: ClassVar[tuple[Power, ...]] = (Power.NETWORK,)
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not 0.1 <= self.percent <= 100:
            raise UsageError(f"A loss is of 0.1 to 100 percent, not {self.percent:g}.")
        if self.deadline_s <= 0:
            raise UsageError(f"A loss's deadline must be above 0 s, not {self.deadline_s:g}.")

    def prepare(self, stack: Stack, node: Node) -> None:
        networking(stack).prepare_network(node)

    def undo(self, stack: Stack, node: Node) -> Undo:
        facts = networking(stack).network_undo(packet_rules.undo(self._table(stack).name))
        return Undo(fault=self.name, node=node.name, verb="network", facts=tuple(facts.items()))

    def strike(self, stack: Stack, node: Node) -> Proof:
        table = self._table(stack)
        try:
            ran = networking(stack).in_network_of(node, table.strike())
            seen_ns = time.monotonic_ns()
            if ran.code != 0:
                return Proof(holds=False, evidence=f"{node.name} loses nothing: {ran.output.strip()[-300:]}")
            sent = volley(stack, node, neighbours(stack, node)[:1], self._volley())
            seen = packet_rules.look(stack, node, table.name)
        except StackError as refusal:
            return Proof(holds=False, evidence=f"{node.name} loses nothing: {refusal}")
        told = _told(seen)
        if seen is None or not seen.in_force or seen.outgoing == 0:
            return Proof(holds=False, evidence=f"{node.name} was not proven to lose packets: {told} of {sent} sent")
        evidence = f"{node.name} loses {self.percent:g} % by table {table.name}: {told} of {sent} sent at once"
        return Proof(holds=True, evidence=evidence, seen_ns=seen_ns)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        table = self._table(stack)
        told = ""

        def cure() -> None:
            nonlocal told
            seen = packet_rules.look(stack, node, table.name)
            told = f"; {_told(seen)} in all"
            undoing(stack).undo(node, "network", dict(self.undo(stack, node).facts))
            if packet_rules.look(stack, node, table.name) is not None:
                raise StackError(f"{node.name}: table {table.name} is still there")
            proof.await_well(stack, node)

        healed = proof.of_heal(stack, node, cure, before)
        return Proof(healed.holds, f"{healed.evidence}{told}", healed.seen_ns)

    def _table(self, stack: Stack) -> Table:
        rule = f"numgen random mod 10000 < {round(self.percent * 100)} counter drop"
        name = packet_rules.table_name(stack, self.name, repr(self))
        return Table(name, EVERYBODY, (rule,), (rule,), (), self.deadline_s)

    def _volley(self) -> int:
        """How many packets show the loss almost surely: 7 at 95 %, 197 at 10 %, 20,713 at 0.1 %."""
        if self.percent == 100:
            return 10
        return math.ceil(math.log(CHANCE_MISSED) / math.log(1 - self.percent / 100))


def _told(seen: Seen | None) -> str:
    if seen is None:
        return "no rule is there"
    ended = "" if seen.in_force else " before it ended by itself"
    return f"{seen.outgoing} packets lost going out and {seen.incoming} coming in{ended}"

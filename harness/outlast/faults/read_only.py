"""Read-only: the store answers what it knows, and takes nothing new."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import ClassVar, Final

from outlast.errors import StackError
from outlast.faults import proof
from outlast.faults.asking import must_be
from outlast.faults.fault import Aim, Proof, Undo
from outlast.faults.fill_memory import setting
from outlast.stacks.powers import querying, undoing
from outlast.stacks.stack import Node, NodeState, Power, Stack, StoreKind

SETTING: Final = "min-replicas-to-write"
PROBE: Final = ("SET", "outlast:probe", "1", "PX", "1")
"""A write that leaves nothing behind."""


@dataclass(frozen=True, slots=True)
class ReadOnly:
    """A Redis is told to take no write without 99 replicas: it reads on, and refuses every write."""

    aim: Aim
    _before: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Node -> its setting before the harm."""

    name: ClassVar[str] = "read_only"
    needs: ClassVar[tuple[Power, ...]] = (Power.QUERY,)
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = False

    def undo(self, stack: Stack, node: Node) -> Undo:
        must_be(node, self.name, StoreKind.REDIS)
        self._before[node.name] = setting(stack, node, SETTING)
        return Undo(fault=self.name, node=node.name, verb="say", facts=tuple(self._taking_back(stack, node).items()))

    def strike(self, stack: Stack, node: Node) -> Proof:
        try:
            querying(stack).query(node, *PROBE)
            querying(stack).query(node, "CONFIG", "SET", SETTING, "99")
        except StackError as refusal:
            return Proof(holds=False, evidence=str(refusal))
        seen_ns = time.monotonic_ns()
        try:
            querying(stack).query(node, *PROBE)
        except StackError as refusal:
            return Proof(holds="NOREPLICAS" in str(refusal), evidence=str(refusal), seen_ns=seen_ns)
        return Proof(holds=False, evidence=f"{node.name} still takes writes")

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        def open_again() -> None:
            undoing(stack).undo(node, "say", self._taking_back(stack, node))
            querying(stack).query(node, *PROBE)

        return proof.of_heal(stack, node, open_again, before, restarted=False)

    def _taking_back(self, stack: Stack, node: Node) -> dict[str, str]:
        return dict(querying(stack).sayings((node, ("CONFIG", "SET", SETTING, self._before.get(node.name, "0")))))

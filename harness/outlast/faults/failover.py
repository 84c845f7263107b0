"""A failover by hand: a Sentinel is told to promote a replica while the primary is well."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import ClassVar

from outlast.errors import StackError, Unsupported
from outlast.faults import proof
from outlast.faults.asking import must_be
from outlast.faults.fault import Aim, Proof, Undo
from outlast.faults.primary import await_promotion, await_settled, current_primary
from outlast.stacks.powers import prepare_inside, querying
from outlast.stacks.stack import Node, NodeState, Power, Stack, StoreKind

PROMOTED_S = 30.0


@dataclass(frozen=True, slots=True)
class Failover:
    """SENTINEL FAILOVER: a replica is promoted in place of a primary that is well; the end is when all follow it."""

    aim: Aim
    """Any store of the group: who the primary is, is asked when it strikes."""

    name: ClassVar[str] = "failover"
    needs: ClassVar[tuple[Power, ...]] = (Power.QUERY,)
    irreversible: ClassVar[bool] = True
    instant: ClassVar[bool] = True

    def prepare(self, stack: Stack, node: Node) -> None:
        prepare_inside(stack, *(one for one in stack.nodes() if one.kind is not None))

    def undo(self, stack: Stack, node: Node) -> Undo:
        must_be(node, self.name, StoreKind.REDIS)
        sentinels(stack)
        return Undo(fault=self.name, node=node.name, verb="nothing")

    def strike(self, stack: Stack, node: Node) -> Proof:
        try:
            old = current_primary(stack, stack.nodes())
            watcher = sentinels(stack)[0]
            querying(stack).query(watcher, "SENTINEL", "FAILOVER", group(stack, watcher))
            new, seen_ns = await_promotion(stack, stack.nodes(), old, PROMOTED_S)
        except StackError as refusal:
            return Proof(holds=False, evidence=str(refusal))
        return Proof(holds=True, evidence=f"{new.name} became the primary in place of {old.name}", seen_ns=seen_ns)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        return proof.of_heal(stack, node, lambda: await_settled(stack, stack.nodes()), before, restarted=False)


def sentinels(stack: Stack) -> tuple[Node, ...]:
    """The Sentinels of the stack; `Unsupported` when it has none."""
    found = tuple(node for node in stack.nodes() if node.kind is StoreKind.SENTINEL)
    if not found:
        raise Unsupported("The stack has no Sentinel (a service of the kind sentinel), so nobody promotes a replica.")
    return found


def group(stack: Stack, sentinel: Node) -> str:
    """What the Sentinel calls the primary that it watches; `Unsupported` when it watches several."""
    lines = querying(stack).query(sentinel, "SENTINEL", "MASTERS").splitlines()
    names = [value for field, value in itertools.pairwise(lines) if field == "name"]
    if len(names) != 1:
        raise Unsupported(f"{sentinel.name} watches {len(names)} primaries; it must be one.")
    return names[0]

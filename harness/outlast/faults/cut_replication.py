"""Replication cut: the primary refuses its replicas while it goes on to acknowledge writes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar, Final

from outlast.errors import StackError
from outlast.faults import proof
from outlast.faults.asking import info, must_be
from outlast.faults.fault import Aim, Proof, Undo
from outlast.faults.primary import await_, await_settled, current_group
from outlast.stacks.powers import prepare_inside, querying, undoing
from outlast.stacks.stack import Node, NodeState, Power, Stack, StoreKind

# Not a stopped replica: the kernel keeps on taking what is sent to it, and delivers all of it later. The primary itself
# must not send. Replicas come as the user `default` unless their configuration says otherwise.
CUT: Final = ("ACL", "SETUSER", "default", "-psync", "-sync")
MEND: Final = ("ACL", "SETUSER", "default", "+psync", "+sync")
CUT_S: Final = 10.0
TRIES_S: Final = 2.5
"""A replica tries each second to come back: whoever is still out by then is refused."""


@dataclass(frozen=True, slots=True)
class CutReplication:
    """A Redis primary refuses its replicas and serves on: what is written now is written once."""

    aim: Aim
    """Any store of the group: who the primary is, is asked when it strikes."""

    name: ClassVar[str] = "cut_replication"
    needs: ClassVar[tuple[Power, ...]] = (Power.QUERY,)
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = False

    def prepare(self, stack: Stack, node: Node) -> None:
        prepare_inside(stack, *(one for one in stack.nodes() if one.kind is not None))

    def undo(self, stack: Stack, node: Node) -> Undo:
        must_be(node, self.name, StoreKind.REDIS)
        return Undo(fault=self.name, node=node.name, verb="say", facts=tuple(mending(stack).items()))

    def strike(self, stack: Stack, node: Node) -> Proof:
        try:
            primary, replicas = current_group(stack, stack.nodes())
            seen_ns = cut(stack, primary, replicas)
            back = await_(lambda: "up" in _links(stack, replicas), TRIES_S)
        except StackError as refusal:
            return Proof(holds=False, evidence=str(refusal))
        if back:
            return Proof(holds=False, evidence=f"a replica of {primary.name} was thrown out, and came back")
        names = ", ".join(replica.name for replica in replicas)
        return Proof(holds=True, evidence=f"{primary.name} sends to none of {names}", seen_ns=seen_ns)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        def mend() -> None:
            undoing(stack).undo(node, "say", mending(stack))
            await_settled(stack, stack.nodes())

        return proof.of_heal(stack, node, mend, before, restarted=False)


def mending(stack: Stack) -> dict[str, str]:
    """What takes it back: said to every Redis, as another may be the primary by then."""
    stores = [node for node in stack.nodes() if node.kind is StoreKind.REDIS]
    return dict(querying(stack).sayings(*((node, MEND) for node in stores)))


def cut(stack: Stack, primary: Node, replicas: tuple[Node, ...]) -> int:
    """Cut, and wait until primary and replicas alike say so; returns when the primary had thrown them out, ns.

    `StackError` when they do not say so.
    """
    if not replicas:
        raise StackError(f"{primary.name} has no replica, so there is nothing to cut.")
    querying(stack).query(primary, *CUT)
    querying(stack).query(primary, "CLIENT", "KILL", "TYPE", "replica")
    cut_ns = time.monotonic_ns()

    def is_cut() -> bool:
        left = info(stack, primary, "replication").get("connected_slaves")
        return left == "0" and _links(stack, replicas) == {"down"}

    if not await_(is_cut, CUT_S):
        raise StackError(f"{primary.name} still sends to its replicas {CUT_S:g} s after it was told not to.")
    return cut_ns


def _links(stack: Stack, replicas: tuple[Node, ...]) -> set[str]:
    return {info(stack, replica, "replication").get("master_link_status", "") for replica in replicas}

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
from outlast.stacks.powers import prepare_inside, querying, undoing
from outlast.stacks.stack import Node, NodeState, Power, Stack, StoreKind

SETTING: Final = "min-replicas-to-write"
PROBE: Final = ("SET", "outlast:probe", "1", "PX", "1")
"""A write that leaves nothing behind."""
MANY: Final = "99"
A_REPLICA: Final = "against a read only replica"
"""What a replica answers to any write, harmed or not: of it the setting itself is the proof."""


@dataclass(frozen=True, slots=True)
class ReadOnly:
    """No write is taken, all that is known is told: min-replicas-to-write of a Redis, read_only of a MariaDB.

    A replica takes no writes anyway, and refuses them too when it is promoted meanwhile.
    MariaDB spares who may set it: a user with the privilege READ_ONLY ADMIN (once SUPER) goes on to write.
    """

    aim: Aim
    _before: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Node -> its setting before the harm."""

    name: ClassVar[str] = "read_only"
    needs: ClassVar[tuple[Power, ...]] = (Power.QUERY,)
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = False

    def prepare(self, stack: Stack, node: Node) -> None:
        prepare_inside(stack, node)

    def undo(self, stack: Stack, node: Node) -> Undo:
        must_be(node, self.name, StoreKind.REDIS, StoreKind.MARIADB)
        self._before[node.name] = _setting(stack, node)
        return Undo(fault=self.name, node=node.name, verb="say", facts=tuple(self._taking_back(stack, node).items()))

    def strike(self, stack: Stack, node: Node) -> Proof:
        refusal = _refusal(stack, node) if node.kind is StoreKind.REDIS else ""
        if refusal and A_REPLICA not in refusal:
            return Proof(holds=False, evidence=refusal)
        try:
            if node.kind is StoreKind.MARIADB:
                return _struck_mariadb(stack, node)
            querying(stack).query(node, "CONFIG", "SET", SETTING, MANY)
        except StackError as error:
            return Proof(holds=False, evidence=str(error))
        seen_ns, refusal = time.monotonic_ns(), _refusal(stack, node)
        if A_REPLICA in refusal:
            now = _setting(stack, node)
            told = f"{node.name} is a replica, with {SETTING} = {now}"
            return Proof(holds=now == MANY, evidence=told, seen_ns=seen_ns)
        told = refusal or f"{node.name} still takes writes"
        return Proof(holds="NOREPLICAS" in refusal, evidence=told, seen_ns=seen_ns if refusal else None)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        def open_again() -> None:
            undoing(stack).undo(node, "say", self._taking_back(stack, node))
            refusal = _refusal(stack, node) if node.kind is StoreKind.REDIS else ""
            if refusal and A_REPLICA not in refusal:
                raise StackError(refusal)
            if _setting(stack, node) != self._before.get(node.name, "0"):
                raise StackError(f"{node.name} is still read-only.")

        return proof.of_heal(stack, node, open_again, before, restarted=False)

    def _taking_back(self, stack: Stack, node: Node) -> dict[str, str]:
        was = self._before.get(node.name, "0")
        sql = node.kind is StoreKind.MARIADB
        said = (f"SET GLOBAL read_only = {was}",) if sql else ("CONFIG", "SET", SETTING, was)
        return dict(querying(stack).sayings((node, said)))


def _setting(stack: Stack, node: Node) -> str:
    if node.kind is StoreKind.MARIADB:
        return querying(stack).query(node, "SELECT @@GLOBAL.read_only")
    return setting(stack, node, SETTING)


def _refusal(stack: Stack, node: Node) -> str:
    """What a Redis answers to a write, nothing when it takes it."""
    try:
        querying(stack).query(node, *PROBE)
    except StackError as refusal:
        return str(refusal)
    return ""


def _struck_mariadb(stack: Stack, node: Node) -> Proof:
    """Its own account is what there is: we may write all the same, and an ordinary user's password is not ours."""
    if _setting(stack, node) != "0":
        return Proof(holds=False, evidence=f"{node.name} was read-only before")
    querying(stack).query(node, "SET GLOBAL read_only = 1")
    seen_ns, now = time.monotonic_ns(), _setting(stack, node)
    return Proof(holds=now == "1", evidence=f"{node.name} says read_only = {now}", seen_ns=seen_ns)

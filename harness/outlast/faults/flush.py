"""A flush: the store forgets everything at once, and goes on as if nothing had happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from outlast.errors import StackError
from outlast.faults import proof
from outlast.faults.asking import clocked, must_be
from outlast.faults.fault import Aim, Proof, Undo
from outlast.faults.tables import NOW_US, counted, locked, tables
from outlast.stacks.powers import prepare_inside, querying
from outlast.stacks.stack import Node, NodeState, Power, Stack, StoreKind

# One script, so that nobody writes between the flush and the count after it: under load the next session is never far.
REDIS: Final = """
local function keys()
    local sum = 0
    for count in string.gmatch(redis.call('INFO', 'keyspace'), 'keys=(%d+)') do sum = sum + count end
    return sum
end
local before = keys()
redis.call('FLUSHALL')
local now = redis.call('TIME')
return {before, keys(), now[1] .. string.format('%06d', now[2])}
"""


@dataclass(frozen=True, slots=True)
class Flush:
    """FLUSHALL of a Redis, TRUNCATE of every table of a MariaDB: it forgets everything, and serves on."""

    aim: Aim

    name: ClassVar[str] = "flush"
    needs: ClassVar[tuple[Power, ...]] = (Power.QUERY,)
    irreversible: ClassVar[bool] = True
    instant: ClassVar[bool] = True

    def prepare(self, stack: Stack, node: Node) -> None:
        prepare_inside(stack, node)

    def undo(self, stack: Stack, node: Node) -> Undo:
        must_be(node, self.name, StoreKind.REDIS, StoreKind.MARIADB)
        return Undo(fault=self.name, node=node.name, verb="nothing")

    def strike(self, stack: Stack, node: Node) -> Proof:
        try:
            (before, after), seen_ns = clocked(lambda: _flushed(stack, node))
        except StackError as refusal:
            return Proof(holds=False, evidence=str(refusal))
        what = "rows" if node.kind is StoreKind.MARIADB else "keys"
        told = f"{node.name} held {before} {what} before the flush and {after} after it"
        if before == 0 or after > 0:
            return Proof(holds=False, evidence=f"{told}: nothing was lost" if before == 0 else told)
        return Proof(holds=True, evidence=told, seen_ns=seen_ns)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        return proof.of_heal(stack, node, lambda: None, before, restarted=False)


def _flushed(stack: Stack, node: Node) -> tuple[tuple[int, int], int]:
    words = (_sql(tables(stack, node)),) if node.kind is StoreKind.MARIADB else ("EVAL", REDIS, "0")
    before, after, wall_us = querying(stack).query(node, *words).split()
    return (int(before), int(after)), int(wall_us)


def _sql(names: tuple[str, ...]) -> str:
    emptied = (f"TRUNCATE TABLE {name}" for name in names)
    return "SET FOREIGN_KEY_CHECKS = 0; " + locked(names, counted(names), *emptied, counted(names), NOW_US)

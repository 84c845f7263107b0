"""A stall: one slow client keeps the store from answering anybody else."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import ClassVar, Final

from outlast.errors import StackError
from outlast.faults import proof
from outlast.faults.asking import clocked, must_be
from outlast.faults.fault import Aim, Proof, Undo
from outlast.faults.tables import NOW_US, counted, locked, tables
from outlast.stacks.powers import prepare_inside, querying
from outlast.stacks.stack import Node, NodeState, Power, Stack, StoreKind

# Redis before 7.2 lends a script no clock of the process, and its own goes on; from 7.2 on its own stands still in a
# script. By processor time it lasts a little longer on a busy machine.
REDIS: Final = """
local began = redis.call('TIME')
local lent, clock = pcall(function() return os.clock end)
if not lent then
    clock = function()
        local now = redis.call('TIME')
        return now[1] + now[2] / 1000000
    end
end
local stop = clock() + tonumber(ARGV[1])
while clock() < stop do end
return began[1] .. string.format('%06d', began[2])
"""
SPARE_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Stall:
    """A script of `for_s` seconds on a Redis, tables locked as long in a MariaDB: nobody is answered, then all are.

    Above five seconds Redis begins to answer BUSY instead of nothing (busy-reply-threshold).
    """

    aim: Aim
    for_s: float = 2.0

    name: ClassVar[str] = "stall"
    needs: ClassVar[tuple[Power, ...]] = (Power.QUERY,)
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = True

    def prepare(self, stack: Stack, node: Node) -> None:
        prepare_inside(stack, node)

    def undo(self, stack: Stack, node: Node) -> Undo:
        must_be(node, self.name, StoreKind.REDIS, StoreKind.MARIADB)
        return Undo(fault=self.name, node=node.name, verb="nothing")

    def strike(self, stack: Stack, node: Node) -> Proof:
        began: list[int] = []
        refusals: list[str] = []

        def stall() -> None:
            try:
                began.append(clocked(lambda: (None, _stalled(stack, node, slow, self.for_s)))[1])
            except StackError as refusal:
                refusals.append(str(refusal))

        try:
            ask, slow = _words(stack, node, self.for_s)
        except StackError as refusal:
            return Proof(holds=False, evidence=str(refusal))
        script = threading.Thread(target=stall, name="outlast-stall")
        script.start()
        longest_s = 0.0
        while script.is_alive():
            asked = time.monotonic()
            try:
                querying(stack).query(node, *ask, within_s=self.for_s + SPARE_S)
            except StackError as refusal:
                refusals.append(str(refusal))
            longest_s = max(longest_s, time.monotonic() - asked)
        script.join()
        if refusals:
            return Proof(holds=False, evidence=refusals[0])
        told = f"a {ask[0].split()[0]} took {longest_s:.2f} s while {node.name} was to be busy for {self.for_s:g} s"
        if longest_s < self.for_s / 2:
            return Proof(holds=False, evidence=told)
        return Proof(holds=True, evidence=told, seen_ns=began[0])

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        def ask() -> None:
            querying(stack).query(node, *_words(stack, node, self.for_s)[0])

        return proof.of_heal(stack, node, ask, before, restarted=False)


def _words(stack: Stack, node: Node, for_s: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What anybody asks, and what keeps it from being answered."""
    if node.kind is StoreKind.MARIADB:
        names = tables(stack, node)
        return (counted(names),), (locked(names, NOW_US, f"DO SLEEP({for_s:g})"),)
    return ("PING",), ("EVAL", REDIS, "0", str(for_s))


def _stalled(stack: Stack, node: Node, slow: tuple[str, ...], for_s: float) -> int:
    return int(querying(stack).query(node, *slow, within_s=for_s + SPARE_S))

"""Memory pressure: the store is given a limit and filled up to it, until it evicts or refuses."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import ClassVar, Final

from outlast.errors import StackError
from outlast.faults import proof
from outlast.faults.asking import info, must_be
from outlast.faults.fault import Aim, Proof, Undo
from outlast.stacks.powers import prepare_inside, querying, undoing
from outlast.stacks.stack import Node, NodeState, Power, Stack, StoreKind

PREFIX: Final = "outlast:filler:"
MIB: Final = 2**20
REFUSED: Final = "used memory > 'maxmemory'"
ROOM_MIB: Final = 8
"""How far above what is used the limit is set: less, and the store's own buffers would meet it first."""
# What is written in a script evicts nothing until the next one begins, so the count is of what was written before.
FILL: Final = """
local evicted = string.match(redis.call('INFO', 'stats'), 'evicted_keys:(%d+)')
for number = 1, 1024 do redis.call('SET', ARGV[1] .. ARGV[2] .. ':' .. number, string.rep('x', 1024)) end
return evicted
"""
EMPTY: Final = """
local cursor = '0'
repeat
    local found = redis.call('SCAN', cursor, 'MATCH', ARGV[1] .. '*', 'COUNT', 1000)
    cursor = found[1]
    for _, key in ipairs(found[2]) do redis.call('DEL', key) end
until cursor == '0'
return 'OK'
"""
SETTINGS: Final = ("maxmemory", "maxmemory-policy")


@dataclass(frozen=True, slots=True)
class FillMemory:
    """A Redis is limited to just above what it uses and filled: it evicts (allkeys-lru) or refuses (noeviction).

    `policy` None: whatever it does of its own when it is full.
    The filler is written as fast as it goes, three times as much as there is room. What was evicted does not come back.
    """

    aim: Aim
    policy: str | None = "allkeys-lru"
    _before: dict[str, dict[str, str]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Node -> its settings before the harm."""

    name: ClassVar[str] = "fill_memory"
    needs: ClassVar[tuple[Power, ...]] = (Power.QUERY,)
    irreversible: ClassVar[bool] = True
    instant: ClassVar[bool] = False

    def prepare(self, stack: Stack, node: Node) -> None:
        prepare_inside(stack, node)

    def undo(self, stack: Stack, node: Node) -> Undo:
        must_be(node, self.name, StoreKind.REDIS)
        self._before[node.name] = {name: setting(stack, node, name) for name in SETTINGS}
        return Undo(fault=self.name, node=node.name, verb="say", facts=tuple(self._taking_back(stack, node).items()))

    def strike(self, stack: Stack, node: Node) -> Proof:
        try:
            evicted = _evicted(stack, node)
            limit = int(info(stack, node, "memory")["used_memory"]) + ROOM_MIB * MIB
            if self.policy is not None:
                querying(stack).query(node, "CONFIG", "SET", "maxmemory-policy", self.policy)
            querying(stack).query(node, "CONFIG", "SET", "maxmemory", str(limit))
            refusal, seen_ns = _fill(stack, node, evicted)
            gone = _evicted(stack, node) - evicted
        except StackError as refused:
            return Proof(holds=False, evidence=str(refused))
        if refusal:
            return _full(stack, node) if REFUSED in refusal else Proof(holds=False, evidence=refusal)
        told = f"{node.name} evicted {gone} keys at a limit of {limit} bytes"
        return Proof(holds=gone > 0, evidence=told, seen_ns=(seen_ns or time.monotonic_ns()) if gone else None)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        def empty() -> None:
            undoing(stack).undo(node, "say", self._taking_back(stack, node))
            left = querying(stack).query(node, "EVAL", "return #redis.call('KEYS', ARGV[1])", "0", f"{PREFIX}*")
            now = {name: setting(stack, node, name) for name in SETTINGS}
            if left != "0" or now != self._before.get(node.name, now):
                raise StackError(f"{node.name} still holds {left} keys of the filler, with {now}.")

        return proof.of_heal(stack, node, empty, before, restarted=False)

    def _taking_back(self, stack: Stack, node: Node) -> dict[str, str]:
        settings = self._before.get(node.name, {})
        said = [(node, ("CONFIG", "SET", name, value)) for name, value in settings.items()]
        return dict(querying(stack).sayings(*said, (node, ("EVAL", EMPTY, "0", PREFIX))))


def setting(stack: Stack, node: Node, name: str) -> str:
    """One setting of a Redis as it is now."""
    lines = querying(stack).query(node, "CONFIG", "GET", name).splitlines()
    if len(lines) < 2:
        raise StackError(f"{node.name} knows no setting {name}.")
    return lines[1]


def _fill(stack: Stack, node: Node, evicted: int) -> tuple[str, int]:
    """Write three times the room; returns why it was refused, or nothing, and when more was seen evicted, or 0."""
    seen_ns = 0
    for mebibyte in range(3 * ROOM_MIB):
        try:
            told = querying(stack).query(node, "EVAL", FILL, "0", PREFIX, str(mebibyte))
        except StackError as refusal:
            return str(refusal), seen_ns
        if not seen_ns and int(told) > evicted:
            seen_ns = time.monotonic_ns()
    return "", seen_ns


def _full(stack: Stack, node: Node) -> Proof:
    """A big write was refused: leave no room for a small one, and see it refused as well."""
    try:
        used = int(info(stack, node, "memory")["used_memory"])
        querying(stack).query(node, "CONFIG", "SET", "maxmemory", str(max(used - MIB, 1)))
    except StackError as refused:
        return Proof(holds=False, evidence=str(refused))
    seen_ns = time.monotonic_ns()
    try:
        querying(stack).query(node, "SET", f"{PREFIX}probe", "x")
    except StackError as refused:
        return Proof(holds=REFUSED in str(refused), evidence=str(refused), seen_ns=seen_ns)
    return Proof(holds=False, evidence=f"{node.name} still takes writes")


def _evicted(stack: Stack, node: Node) -> int:
    return int(info(stack, node, "stats")["evicted_keys"])

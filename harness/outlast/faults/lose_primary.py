"""The primary lost with what only it knew: replication is cut, writes go on, it is killed, a replica is promoted."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import ClassVar, Final

from outlast.errors import StackError
from outlast.faults import proof
from outlast.faults.asking import info, must_be
from outlast.faults.cut_replication import cut, mending
from outlast.faults.failover import sentinels
from outlast.faults.fault import Aim, Proof, Undo
from outlast.faults.primary import await_promotion, await_settled, current_group, current_primary
from outlast.stacks.powers import prepare_inside, querying, undoing
from outlast.stacks.stack import Node, NodeState, Power, Stack, Status, StoreKind

PROMOTED_S: Final = 60.0
# A lag in bytes alone is no lost write: the Sentinels' own greetings are replicated as well.
MARK: Final = "outlast:written-alone"


@dataclass(frozen=True, slots=True)
class LosePrimary:
    """Replication cut for `open_s` while writes go on, then SIGKILL of the primary: a stale replica is promoted.

    Keep `open_s` below ten times the Sentinels' down-after: they promote no replica that has been cut off for longer.
    """

    aim: Aim
    """Any store of the group: who the primary is, is asked when it strikes."""
    open_s: float = 2.0
    _struck: dict[str, Node] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Aimed at -> who was the primary: found before the harm, to be started after it."""

    name: ClassVar[str] = "lose_primary"
    needs: ClassVar[tuple[Power, ...]] = (Power.QUERY, Power.KILL, Power.START)
    irreversible: ClassVar[bool] = True
    instant: ClassVar[bool] = False

    def prepare(self, stack: Stack, node: Node) -> None:
        prepare_inside(stack, *(one for one in stack.nodes() if one.kind is not None))

    def undo(self, stack: Stack, node: Node) -> Undo:
        must_be(node, self.name, StoreKind.REDIS)
        sentinels(stack)
        primary = self._struck[node.name] = current_primary(stack, stack.nodes())
        facts = {**mending(stack), "identity": stack.state(primary).identity}
        return Undo(fault=self.name, node=primary.name, verb="say_and_start", facts=tuple(facts.items()))

    def strike(self, stack: Stack, node: Node) -> Proof:
        try:
            primary, replicas = current_group(stack, stack.nodes())
            self._struck[node.name] = primary
            cut(stack, primary, replicas)
            querying(stack).query(primary, "SET", MARK, "1", "EX", "600")
            time.sleep(self.open_s)
            ahead = offset(stack, primary) - max(offset(stack, replica) for replica in replicas)
            gone_ns = stack.kill(primary)
            new, _ = await_promotion(stack, replicas, primary, PROMOTED_S)
            kept = querying(stack).query(new, "EXISTS", MARK) != "0"
        except StackError as refusal:
            return Proof(holds=False, evidence=str(refusal))
        told = (
            f"{primary.name} was killed {ahead} bytes of replication ahead of every replica, and {new.name} took over"
        )
        if kept or ahead <= 0 or stack.state(primary).status is not Status.EXITED:
            return Proof(holds=False, evidence=f"{told}: no window was open")
        evidence = f"{told} without a write that had been acknowledged {self.open_s:g} s before"
        return Proof(holds=True, evidence=evidence, seen_ns=gone_ns)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        victim = self._struck.get(node.name, node)

        def revive() -> None:
            undoing(stack).undo(victim, "say_and_start", mending(stack))
            stack.start_node(victim)
            await_settled(stack, stack.nodes())

        if victim != node:  # it was never harmed itself
            return proof.of_heal(stack, node, revive, before, restarted=False)
        return proof.of_heal(stack, node, revive, before)


def offset(stack: Stack, node: Node) -> int:
    """How far the node has come in the stream of writes, in bytes."""
    fields = info(stack, node, "replication")
    return int(fields["slave_repl_offset"] if fields["role"] == "slave" else fields["master_repl_offset"])

"""A partition: a node and its peers keep addresses and names, and their packets do not arrive."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar, Literal

from outlast.errors import StackError, UsageError
from outlast.faults import packet_rules, proof
from outlast.faults.fault import Aim, Proof, Undo
from outlast.faults.packet_rules import EVERYBODY, Table
from outlast.faults.reachability import Answer, Knock, knock, neighbours
from outlast.stacks.powers import networking, undoing
from outlast.stacks.stack import Node, NodeState, Power, Stack

Direction = Literal["both", "to", "from"]
How = Literal["blackhole", "refuse", "half-open"]
WITNESSES = 3
AGAIN_S = 15.0
"""How long after the rules are gone the peers may take to be reached again."""
RESET = "counter reject with tcp reset"
UNREACHABLE = "counter reject with icmpx port-unreachable"


@dataclass(frozen=True, slots=True)
class Partition:
    """Cut off from peers, or from everybody, both ways or one; addresses, names and its own name service stay.

    `away_from`: the peers, at the addresses they have when it strikes; None is everybody, users at published ports too,
    and then names outside the stack cannot be resolved either. `direction`: of the connections, by who opens them:
    `to` the peers, `from` them, or both. `how`: `blackhole` drops in silence (but a program of the node that sends
    datagrams sees "not permitted"), `refuse` resets connections and answers datagrams as a closed port does,
    `half-open` drops packets one way only: with `from` the node's own arrive and no answer comes back, with `to` the
    reverse. `deadline_s` is when the rules lose their effect though nobody took them back.
    """

    aim: Aim
    away_from: Aim | None = None
    direction: Direction = "both"
    how: How = "blackhole"
    deadline_s: float = 600.0

    name: ClassVar[str] = "partition"
    needs: ClassVar[tuple[Power, ...]] = (Power.NETWORK,)
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.direction not in ("both", "to", "from"):
            raise UsageError(f"A partition's direction is both, to or from, not {self.direction!r}.")
        if self.how not in ("blackhole", "refuse", "half-open"):
            raise UsageError(f"A partition is a blackhole, refuse or half-open, not {self.how!r}.")
        if self.how == "half-open" and self.direction == "both":
            raise UsageError("A half-open partition lets packets pass one way: say direction='to' or 'from'.")
        if self.deadline_s <= 0:
            raise UsageError(f"A partition's deadline must be above 0 s, not {self.deadline_s:g}.")

    def prepare(self, stack: Stack, node: Node) -> None:
        networking(stack).prepare_network(node)

    def undo(self, stack: Stack, node: Node) -> Undo:
        facts = networking(stack).network_undo(packet_rules.undo(self._table_name(stack)))
        return Undo(fault=self.name, node=node.name, verb="network", facts=tuple(facts.items()))

    def strike(self, stack: Stack, node: Node) -> Proof:
        try:
            table = self._table(stack, node)
            ran = networking(stack).in_network_of(node, table.strike())
            seen_ns = time.monotonic_ns()
            if ran.code != 0:
                return Proof(holds=False, evidence=f"{node.name} was not cut off: {ran.output.strip()[-300:]}")
            knocks = self._knocks(stack, node)
            seen = packet_rules.look(stack, node, table.name)
        except StackError as refusal:
            return Proof(holds=False, evidence=f"{node.name} was not cut off: {refusal}")
        told = ", ".join(str(one) for one in knocks) or "nobody to ask"
        if seen is None or not seen.in_force or seen.packets == 0 or not knocks or not all(map(self._cut, knocks)):
            counted = "no rule is in force" if seen is None or not seen.in_force else f"{seen.packets} packets met it"
            return Proof(holds=False, evidence=f"{node.name} was not proven cut off: {counted}; {told}")
        return Proof(
            holds=True,
            evidence=f"{node.name} is cut off by table {table.name}, which {seen.packets} packets met; {told}",
            seen_ns=seen_ns,
        )

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        name = self._table_name(stack)
        lapsed = ""

        def cure() -> None:
            nonlocal lapsed
            seen = packet_rules.look(stack, node, name)
            if seen is not None and not seen.in_force:
                lapsed = f"; it had ended by itself, {self.deadline_s:g} s after it began"
            undoing(stack).undo(node, "network", dict(self.undo(stack, node).facts))
            if packet_rules.look(stack, node, name) is not None:
                raise StackError(f"{node.name}: table {name} is still there")
            proof.await_well(stack, node)
            if stack.state(node).address != before.address:
                raise StackError(
                    f"{node.name}: its address changed from {before.address}, which a partition never does"
                )
            self._must_reach(stack, node)

        healed = proof.of_heal(stack, node, cure, before)
        return Proof(healed.holds, f"{healed.evidence}{lapsed}", healed.seen_ns)

    def _table_name(self, stack: Stack) -> str:
        return packet_rules.table_name(stack, self.name, repr(self))

    def _table(self, stack: Stack, node: Node) -> Table:
        # Who opened a connection is known for it as a whole: its packets go one way as `original`, back as `reply`.
        theirs, ours = {
            "both": ("", ""),
            "to": ("ct direction reply ", "ct direction original "),
            "from": ("ct direction original ", "ct direction reply "),
        }[self.direction]
        incoming: tuple[str, ...] = (f"{theirs}counter drop",)
        outgoing: tuple[str, ...] = (f"{ours}counter drop",)
        accepted: tuple[str, ...] = ()
        if self.how == "refuse":
            incoming = (f"meta l4proto tcp {theirs}{RESET}", f"{theirs}{UNREACHABLE}")
            outgoing = (f"meta l4proto tcp {ours}{RESET}", f"{ours}{UNREACHABLE}")
            # Our refusals are packets too.
            accepted = ("tcp flags & rst == rst", "icmp type destination-unreachable", "icmpv6 type 1")
        elif self.how == "half-open":
            incoming = ("counter drop",) if self.direction == "from" else ()
            outgoing = ("counter drop",) if self.direction == "to" else ()
        name = self._table_name(stack)
        return Table(name, self._addresses(stack, node), incoming, outgoing, accepted, self.deadline_s)

    def _addresses(self, stack: Stack, node: Node) -> tuple[str, ...]:
        if self.away_from is None:
            return EVERYBODY
        network = networking(stack)
        found = tuple(address for peer in self._peers(stack, node) for address in network.addresses(peer).values())
        if not found:
            raise StackError("none of its peers has an address now, so there is nobody to cut it off from.")
        return found

    def _peers(self, stack: Stack, node: Node) -> tuple[Node, ...]:
        if self.away_from is None:
            return neighbours(stack, node)
        # Thrown anew each time it is asked, and always the same: strike and heal mean the same peers.
        dice = Random(f"{node.name} away from {self.away_from!r}")
        return tuple(peer for peer in self.away_from.choose(stack.nodes(), dice) if peer != node)

    def _knocks(self, stack: Stack, node: Node) -> tuple[Knock, ...]:
        """From the side that opens what is cut. A half-open one hangs whoever opens; then we ask from the node."""
        peers = self._peers(stack, node)[:WITNESSES]
        if self.direction == "from" and self.how != "half-open":
            return tuple(one for peer in peers for one in _knock_if_running(stack, peer, (node,)))
        return knock(stack, node, peers)

    def _cut(self, one: Knock) -> bool:
        if self.how == "refuse":
            return one.answer is Answer.REFUSED
        return one.answer in (Answer.SILENT, Answer.UNREACHABLE)

    def _must_reach(self, stack: Stack, node: Node) -> None:
        deadline = time.monotonic() + AGAIN_S
        while silent := [one for one in self._knocks(stack, node) if not one.reached]:
            if time.monotonic() > deadline:
                told = ", ".join(str(one) for one in silent)
                raise StackError(f"{node.name}: the rules are gone, and yet {told} after {AGAIN_S:g} s")


def _knock_if_running(stack: Stack, origin: Node, targets: Sequence[Node]) -> tuple[Knock, ...]:
    return knock(stack, origin, targets) if origin in neighbours(stack, targets[0]) else ()

"""A disconnection: the node is taken off its networks and put back, perhaps at another address."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from outlast.errors import StackError
from outlast.faults import proof
from outlast.faults.fault import Aim, Proof, Undo
from outlast.faults.reachability import knock, neighbours
from outlast.faults.remembering import Records
from outlast.stacks.powers import connecting, networking
from outlast.stacks.stack import Node, NodeState, Power, Stack

AGAIN_S = 15.0
"""How long it may take until a neighbour reaches it again, by its name too."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Off all its networks, name and address with it; back under the same names, perhaps at another address.

    Unlike a partition it takes the address away: open connections hang, the name is not resolved meanwhile, and who
    remembers the old address may find somebody else there. The same one comes back for sure only where the stack's
    files fix it; a port that Docker chose may be another too. The heal tells both addresses.
    """

    aim: Aim
    _records: Records = field(default_factory=Records, repr=False, compare=False)

    name: ClassVar[str] = "disconnect"
    needs: ClassVar[tuple[Power, ...]] = (Power.CONNECT, Power.NETWORK)
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = False

    def prepare(self, stack: Stack, node: Node) -> None:
        networking(stack).prepare_network(node)

    def undo(self, stack: Stack, node: Node) -> Undo:
        facts = connecting(stack).connections(node)
        return self._records.keep(Undo(fault=self.name, node=node.name, verb="connect", facts=tuple(facts.items())))

    def strike(self, stack: Stack, node: Node) -> Proof:
        network = networking(stack)
        try:
            had = network.addresses(node)
            seen_ns = connecting(stack).disconnect(node)
            has = network.addresses(node)
            interfaces = _interfaces(stack, node)
        except StackError as refusal:
            return Proof(holds=False, evidence=f"{node.name} was not disconnected: {refusal}")
        if not had:
            return Proof(holds=False, evidence=f"{node.name} was on no network, so it could not be taken off any.")
        if has or interfaces:
            told = f"it has {_told(has)} and {', '.join(interfaces) or 'no interface'}"
            return Proof(holds=False, evidence=f"{node.name} was not disconnected: {told}")
        told = f"{node.name} was taken off its networks ({_told(had)}) and has no interface left but loopback"
        return Proof(holds=True, evidence=told, seen_ns=seen_ns)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        def cure() -> None:
            self._records.take_back(stack, node)
            proof.await_well(stack, node)
            _must_be_reached(stack, node)

        healed = proof.of_heal(stack, node, cure, before)
        if not healed.holds:
            return healed
        now = stack.state(node).address
        told = f"at its old address {now}" if now == before.address else f"its address was {before.address}, now {now}"
        return replace(healed, evidence=f"{healed.evidence}, {told}")


def _interfaces(stack: Stack, node: Node) -> list[str]:
    ran = networking(stack).in_network_of(node, "ip -br link")
    if ran.code != 0:
        raise StackError(f"its interfaces cannot be read: {ran.output.strip()[-200:]}")
    return [line.split()[0] for line in ran.output.splitlines() if not line.startswith("lo ")]


def _must_be_reached(stack: Stack, node: Node) -> None:
    """By a neighbour if there is one, at the address that the node's name has for it."""
    deadline = time.monotonic() + AGAIN_S
    while flaw := _unreached(stack, node):
        if time.monotonic() > deadline:
            raise StackError(f"{node.name} is not back after {AGAIN_S:g} s: {flaw}")
        time.sleep(0.05)


def _unreached(stack: Stack, node: Node) -> str:
    network = networking(stack)
    addresses = network.addresses(node)
    if not addresses:
        return "it is on no network"
    near = neighbours(stack, node)[:1]
    if not near:
        return ""
    found = network.in_network_of(near[0], f"getent ahosts {node.service}").output.split()
    if not set(found) & set(addresses.values()):
        return f"its name leads {near[0].name} to {found[0] if found else 'nobody'}, and it is at {_told(addresses)}"
    return next((str(one) for one in knock(stack, near[0], (node,)) if not one.reached), "")


def _told(addresses: Mapping[str, str]) -> str:
    return ", ".join(f"{address} in {network}" for network, address in addresses.items()) or "no address"

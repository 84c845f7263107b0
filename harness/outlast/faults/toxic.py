"""A toxic: a harm done by the Toxiproxy that a user has in the stack already."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar

from outlast.errors import StackError, UsageError
from outlast.faults import proof
from outlast.faults.fault import Aim, Proof, Undo
from outlast.faults.remembering import Records
from outlast.stacks.powers import undoing
from outlast.stacks.stack import Node, NodeState, Power, Stack
from outlast.stacks.toxiproxy import API_PORT, CUTS_WHEN_REMOVED, DOWN, Toxiproxy

ATTRIBUTES: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "latency": {"latency": 1000, "jitter": 0},
        "timeout": {"timeout": 0},
        "reset_peer": {"timeout": 0},
        "bandwidth": {"rate": 32},
        "slicer": {"average_size": 64, "size_variation": 32, "delay": 10},
        DOWN: {},
    }
)
"""Type of toxic -> its attributes in Toxiproxy's own words and units, with what is taken where nothing is said."""


@dataclass(frozen=True, slots=True)
class Toxic:
    """A toxic by name on the stack's own Toxiproxy: latency, timeout, reset_peer, bandwidth, slicer or down.

    `aim` is the node that runs it, whose port in the stack's files is that of its API (8474). `proxy`: on which of its
    proxies; "" is the only one. `attributes` are Toxiproxy's own. Onset and end are proven by what its API shows, not
    by traffic. Taking it back cuts no connection: a `timeout` stays there with toxicity 0, as its removal would.
    """

    aim: Aim
    proxy: str = ""
    type: str = "latency"
    stream: str = "downstream"
    toxicity: float = 1.0
    attributes: tuple[tuple[str, int], ...] = ()
    _records: Records = field(default_factory=Records, repr=False, compare=False)

    name: ClassVar[str] = "toxic"
    needs: ClassVar[tuple[Power, ...]] = ()
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.type not in ATTRIBUTES:
            raise UsageError(f"A toxic is one of {', '.join(ATTRIBUTES)}, not {self.type!r}.")
        if self.stream not in ("downstream", "upstream"):
            raise UsageError(f"A toxic's stream is downstream or upstream, not {self.stream!r}.")
        if not 0 < self.toxicity <= 1:
            raise UsageError(f"A toxicity is above 0 and up to 1, not {self.toxicity:g}.")
        for key, _ in self.attributes:
            if key not in ATTRIBUTES[self.type]:
                known = ", ".join(ATTRIBUTES[self.type]) or "none"
                raise UsageError(f"A toxic of type {self.type} has no attribute {key!r}; it has: {known}.")

    def undo(self, stack: Stack, node: Node) -> Undo:
        undoing(stack)
        facts = (("port", str(API_PORT)), ("proxy", self._proxy(stack, node)), ("toxic", self._toxic_name(stack)))
        return self._records.keep(Undo(fault=self.name, node=node.name, verb="toxic", facts=facts))

    def strike(self, stack: Stack, node: Node) -> Proof:
        try:
            server, proxy = _server(stack, node), self._proxy(stack, node)
            if not self._allowed(server, proxy):
                return Proof(holds=False, evidence=f"{node.name}: its proxy {proxy} is down already")
            if self.type == DOWN:
                server.enable(proxy, enabled=False)
            else:
                server.put(proxy, self._fields(stack))
            seen_ns = time.monotonic_ns()
            shown = self._shown(stack, node)
        except StackError as refusal:
            return Proof(holds=False, evidence=f"{node.name} was not given the toxic: {refusal}")
        if not self._in_force(stack, node):
            return Proof(holds=False, evidence=f"{node.name} was not given the toxic: it shows {shown or 'none'}")
        return Proof(holds=True, evidence=f"{node.name} shows on its proxy {proxy}: {shown}", seen_ns=seen_ns)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        def cure() -> None:
            self._records.take_back(stack, node)
            if self._in_force(stack, node):
                raise StackError(f"{node.name} still shows {self._shown(stack, node)}")

        healed = proof.of_heal(stack, node, cure, before)
        kept = "; it stays there with toxicity 0, as its removal would cut connections"
        return Proof(
            healed.holds,
            healed.evidence + (kept if healed.holds and self.type in CUTS_WHEN_REMOVED else ""),
            healed.seen_ns,
        )

    def _proxy(self, stack: Stack, node: Node) -> str:
        names = sorted(_server(stack, node).proxies())
        if self.proxy and self.proxy not in names:
            raise StackError(f"Toxiproxy has no proxy {self.proxy!r}; it has: {', '.join(names) or 'none'}.")
        if not self.proxy and len(names) != 1:
            raise StackError(f"Say on which proxy: Toxiproxy has {', '.join(names) or 'none'}.")
        return self.proxy or names[0]

    def _allowed(self, server: Toxiproxy, proxy: str) -> bool:
        return bool(server.proxies()[proxy].get("enabled", True))

    def _toxic_name(self, stack: Stack) -> str:
        if self.type == DOWN:
            return DOWN
        return f"outlast_{stack.run_id}_{self.type}_{hashlib.sha256(repr(self).encode()).hexdigest()[:8]}"

    def _fields(self, stack: Stack) -> dict[str, object]:
        return {
            "name": self._toxic_name(stack),
            "type": self.type,
            "stream": self.stream,
            "toxicity": self.toxicity,
            "attributes": {**ATTRIBUTES[self.type], **dict(self.attributes)},
        }

    def _in_force(self, stack: Stack, node: Node) -> bool:
        server, proxy = _server(stack, node), self._proxy(stack, node)
        if self.type == DOWN:
            return not self._allowed(server, proxy)
        toxic = server.toxic(proxy, self._toxic_name(stack))
        wanted = {**ATTRIBUTES[self.type], **dict(self.attributes)}
        return (
            toxic is not None
            and float(toxic["toxicity"]) > 0
            and all(toxic["attributes"].get(key) == value for key, value in wanted.items())
        )

    def _shown(self, stack: Stack, node: Node) -> str:
        server, proxy = _server(stack, node), self._proxy(stack, node)
        if self.type == DOWN:
            return "up" if self._allowed(server, proxy) else "down"
        toxic = server.toxic(proxy, self._toxic_name(stack))
        return "" if toxic is None else f"{toxic['type']} {toxic['attributes']} with toxicity {toxic['toxicity']:g}"


def _server(stack: Stack, node: Node) -> Toxiproxy:
    address = stack.address(node)
    if address is None:
        raise StackError(f"{node.name} publishes no API; give it `port: {API_PORT}` in the stack's files.")
    return Toxiproxy(address)

"""Packet rules in a node's own network: one nft table for each harm, whose rules lose their effect by themselves."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from outlast.errors import StackError
from outlast.stacks.powers import networking
from outlast.stacks.stack import Node, Stack

EVERYBODY = ("0.0.0.0/0", "::/0")


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `incoming` and `outgoing` are conditions with a verdict, each for packets from or to the peers.

    `accepted` are outgoing packets that pass whatever comes after. Loopback always passes, and with it Docker's name
    server. The peers are elements with a timeout: after `deadline_s` no packet meets a rule any more.
    """

    name: str
    peers: tuple[str, ...]
    incoming: tuple[str, ...]
    outgoing: tuple[str, ...]
    accepted: tuple[str, ...]
    deadline_s: float

    def strike(self) -> str:
        """The script that puts it in force, all at once; it fails where the table is there already."""
        four = [peer for peer in self.peers if ":" not in peer]
        six = [peer for peer in self.peers if ":" in peer]
        rules = [
            f"create table inet {self.name}",
            self._set("peers4", "ipv4_addr", four),
            self._set("peers6", "ipv6_addr", six),
            f"add chain inet {self.name} incoming {{ type filter hook input priority -150; policy accept; }}",
            f"add chain inet {self.name} outgoing {{ type filter hook output priority -150; policy accept; }}",
            f'add rule inet {self.name} incoming iif "lo" accept',
            f'add rule inet {self.name} outgoing oif "lo" accept',
            *(f"add rule inet {self.name} outgoing {rule} accept" for rule in self.accepted),
            *self._rules("incoming", "saddr", self.incoming),
            *self._rules("outgoing", "daddr", self.outgoing),
        ]
        # What takes it back is with the helper first, in case we die in between.
        return "\n".join(
            (
                f"printf %s {shlex.quote(undo(self.name))} > /run/undo/{self.name}",
                "nft -f - <<'EOF'",
                *rules,
                "EOF",
            )
        )

    def _set(self, name: str, kind: str, elements: Sequence[str]) -> str:
        each = ", ".join(f"{element} timeout {int(self.deadline_s * 1000)}ms" for element in elements)
        filled = f"elements = {{ {each} }};" if elements else ""
        return f"add set inet {self.name} {name} {{ type {kind}; flags interval, timeout; {filled} }}"

    def _rules(self, chain: str, side: str, rules: Iterable[str]) -> list[str]:
        return [
            f"add rule inet {self.name} {chain} {family} {side} @peers{version} {rule}"
            for rule in rules
            for family, version in (("ip", 4), ("ip6", 6))
        ]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the kernel says of a table: packets that met its rules, and whether a peer is still in it."""

    incoming: int
    outgoing: int
    in_force: bool

    @property
    def packets(self) -> int:
        """Both ways together."""
        return self.incoming + self.outgoing


def table_name(stack: Stack, fault: str, told: str) -> str:
    """The table of a harm of this run: the same for the same harm, and nobody else's."""
    return f"outlast_{stack.run_id}_{fault}_{hashlib.sha256(told.encode()).hexdigest()[:8]}"


def undo(name: str) -> str:
    """The script that takes that table away, or nothing where it is not."""
    # Added first, because nft refuses to delete what is not there: in one transaction, so it never exists in between.
    return f"nft 'add table inet {name}; delete table inet {name}' && rm -f /run/undo/{name}\n"


def look(stack: Stack, node: Node, name: str) -> Seen | None:
    """The table as the kernel shows it; None when it is not there. `StackError` when that cannot be told."""
    ran = networking(stack).in_network_of(node, f"nft list tables && nft -j list table inet {name} 2>/dev/null")
    if ran.code != 0:
        if ran.output.startswith("Error") or name in ran.output.split():
            raise StackError(f"{node.name}: its packet rules cannot be read: {ran.output.strip()[-200:]}")
        return None
    parts = json.loads(ran.output[ran.output.index("{") :])["nftables"]
    counted = {"incoming": 0, "outgoing": 0}
    for rule in (part["rule"] for part in parts if "rule" in part):
        counted[rule["chain"]] += sum(part["counter"]["packets"] for part in rule["expr"] if "counter" in part)
    in_force = any(part["set"].get("elem") for part in parts if "set" in part)
    return Seen(counted["incoming"], counted["outgoing"], in_force)

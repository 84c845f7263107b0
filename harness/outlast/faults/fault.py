"""The contract of a fault: one harm that says how to undo itself, and whose onset and end are proven from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from outlast.stacks.stack import Node, NodeState, Power, Stack


@dataclass(frozen=True, slots=True)
class Proof:
    """What was seen from outside: whether it proves the point, and the evidence in one sentence."""

    holds: bool
    evidence: str
    seen_ns: int | None = None
    """When it was seen, monotonic; for an onset this is the daemon's own time where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """What takes a harm back, written to the ledger before the harm: plain strings, so that another process can do it."""

    fault: str
    node: str
    verb: str
    """start, resume, recreate, or nothing."""
    facts: tuple[tuple[str, str], ...] = ()


class Fault(Protocol):
    """One kind of harm. Small and frozen; everything it needs comes in as arguments."""

    name: str
    needs: tuple[Power, ...]
    irreversible: bool

    def undo(self, node: Node) -> Undo:
        """What will take it back; written and synced before `strike`."""
        ...

    def strike(self, stack: Stack, node: Node) -> Proof:
        """Do the harm and prove it from outside."""
        ...

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        """Take it back and prove from outside that it is gone; `before` is the node as it was before the harm."""
        ...

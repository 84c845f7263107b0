"""The contract of a fault: one harm that says how to undo itself, and whose onset and end are proven from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol, runtime_checkable

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
    """What takes a harm back, written down before the harm: plain strings, so that another process can do it."""

    fault: str
    node: str
    verb: str
    """A verb of the engine's undoing.py (start, resume, execute ...), or nothing."""
    facts: tuple[tuple[str, str], ...] = ()


class Aim(Protocol):
    """Whom a fault strikes."""

    def choose(self, nodes: Sequence[Node], dice: Random) -> tuple[Node, ...]:
        """The victims, in a stable order, by dice that were seeded; raises `OutlastError` when it finds nobody."""
        ...


class Fault(Protocol):
    """One kind of harm. Small and frozen; everything it needs comes in as arguments."""

    @property
    def name(self) -> str:
        """The word for it in plans, reports and `outlast-history/1`."""
        ...

    @property
    def aim(self) -> Aim:
        """Whom it strikes."""
        ...

    @property
    def needs(self) -> tuple[Power, ...]:
        """What the engine must be able to do."""
        ...

    @property
    def irreversible(self) -> bool:
        """Whether what the node was cannot be brought back, so that a user's own stack needs the user's consent."""
        ...

    @property
    def instant(self) -> bool:
        """Whether the harm ends by itself: `heal` then follows `strike` at once, and only proves that it is over."""
        ...

    def undo(self, stack: Stack, node: Node) -> Undo:
        """What will take it back, from a look at the node as it is; written and synced before `strike`."""
        ...

    def strike(self, stack: Stack, node: Node) -> Proof:
        """Do the harm and prove it from outside. A harm that did not happen is a proof that does not hold."""
        ...

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        """Take it back and prove from outside that it is gone; `before` is the node as it was before the harm."""
        ...


@runtime_checkable
class Preparing(Protocol):
    """A fault whose strike is faster when something was made ready before."""

    def prepare(self, stack: Stack, node: Node) -> None:
        """Make it ready, well before the strike; harms nothing, and costs some tenths of a second. Idempotent."""
        ...


def prepare(fault: Fault, stack: Stack, node: Node) -> None:
    """Make a fault ready to strike a node, if there is anything to make ready."""
    if isinstance(fault, Preparing):
        fault.prepare(stack, node)

"""Whom a fault strikes: one, a minority, all of a role, or nodes by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from outlast.errors import NodeNotFound, UnknownName, Unsupported
from outlast.stacks.stack import Node, Role


@dataclass(frozen=True, slots=True)
class One:
    """Any one node of a role."""

    role: Role

    def choose(self, nodes: Sequence[Node], dice: Random) -> tuple[Node, ...]:
        return (dice.choice(_of_role(nodes, self.role)),)


@dataclass(frozen=True, slots=True)
class Minority:
    """As many nodes of a role as can go while more than half of them stay: 1 of 3, 2 of 5."""

    role: Role

    def choose(self, nodes: Sequence[Node], dice: Random) -> tuple[Node, ...]:
        some = _of_role(nodes, self.role)
        size = (len(some) - 1) // 2
        if size == 0:
            raise Unsupported(f"Of {len(some)} {self.role} there is no minority; it takes at least three.")
        chosen = set(dice.sample(some, size))
        return tuple(node for node in some if node in chosen)


@dataclass(frozen=True, slots=True)
class Every:
    """All nodes of a role."""

    role: Role

    def choose(self, nodes: Sequence[Node], dice: Random) -> tuple[Node, ...]:
        return tuple(_of_role(nodes, self.role))


@dataclass(frozen=True, slots=True)
class Named:
    """Exactly these nodes."""

    names: tuple[str, ...]

    def choose(self, nodes: Sequence[Node], dice: Random) -> tuple[Node, ...]:
        known = {node.name: node for node in nodes}
        for name in self.names:
            if name not in known:
                raise NodeNotFound(name, known)
        return tuple(known[name] for name in self.names)


def one(role: str) -> One:
    """Any one node of a role: `one("replica")`."""
    return One(_role(role))


def minority(role: str) -> Minority:
    """Fewer than half of a role: `minority("replica")`."""
    return Minority(_role(role))


def every(role: str) -> Every:
    """All of a role: `every("store")`."""
    return Every(_role(role))


def named(*names: str) -> Named:
    """Nodes by name: `named("app-2")`; without a name nobody is struck."""
    return Named(names)


def _role(name: str) -> Role:
    if name not in {role.value for role in Role}:
        raise UnknownName("role", name, (role.value for role in Role))
    return Role(name)


def _of_role(nodes: Sequence[Node], role: Role) -> list[Node]:
    some = [node for node in nodes if node.role is role]
    if not some:
        raise Unsupported(f"The stack has no {role}, so none can be struck.")
    return some

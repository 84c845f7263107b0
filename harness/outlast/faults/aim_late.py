"""Aims that are known only at the instant of the strike, from where the users' sessions and the data live then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol, runtime_checkable

from outlast.errors import NodeNotFound, StackError
from outlast.faults.aim import Every, every
from outlast.faults.primary import current_primary
from outlast.faults.scene import Scene
from outlast.stacks.stack import Node, Role, Stack


@runtime_checkable
class LateAim(Protocol):
    """An aim that `choose`s only candidates, so that a plan can be made, and finds its victims when they are struck."""

    @property
    def how(self) -> str:
        """How they are found, as part of a sentence: the replica that holds session s17."""
        ...

    def choose(self, nodes: Sequence[Node], dice: Random) -> tuple[Node, ...]:
        """Whom it may come to; raises `OutlastError` when there can be nobody."""
        ...

    def find(self, scene: Scene, dice: Random) -> tuple[Node, ...]:
        """Whom it comes to now; raises `OutlastError` when nobody is found, and then nobody is struck."""
        ...


@dataclass(frozen=True, slots=True)
class HolderOf:
    """The replica that last answered a session, as long as the session lives."""

    session: str

    @property
    def how(self) -> str:
        return f"the replica that holds session {self.session}"

    def choose(self, nodes: Sequence[Node], dice: Random) -> tuple[Node, ...]:
        return Every(Role.REPLICA).choose(nodes, dice)

    def find(self, scene: Scene, dice: Random) -> tuple[Node, ...]:
        name = scene.crowd((self.session,)).holders.get(self.session)
        if not name:
            raise StackError(f"No replica holds session {self.session}: it was never seen alive, or logged out since.")
        return (_named(scene, name),)


@dataclass(frozen=True, slots=True)
class Busiest:
    """The node of a role that most living sessions were last answered by; of equals, one by the dice."""

    role: Role

    @property
    def how(self) -> str:
        return f"the {self.role} with the most living sessions"

    def choose(self, nodes: Sequence[Node], dice: Random) -> tuple[Node, ...]:
        return Every(self.role).choose(nodes, dice)

    def find(self, scene: Scene, dice: Random) -> tuple[Node, ...]:
        alive_on = scene.crowd(()).alive_on
        able = [node for node in self.choose(scene.nodes, dice) if node.name not in scene.struck]
        most = max((alive_on.get(node.name, 0) for node in able), default=0)
        if not most:
            raise StackError(f"No session lives on a {self.role}, so none of them is the busiest.")
        return (dice.choice([node for node in able if alive_on.get(node.name, 0) == most]),)


@dataclass(frozen=True, slots=True)
class FoundBy:
    """One node of a role that a look at the stack finds, such as the current primary among the stores."""

    role: Role
    how: str
    look: Callable[[Stack, Sequence[Node]], Node]
    """The stack and its nodes of that role -> the one; raises `OutlastError` when there is none."""

    def choose(self, nodes: Sequence[Node], dice: Random) -> tuple[Node, ...]:
        return Every(self.role).choose(nodes, dice)

    def find(self, scene: Scene, dice: Random) -> tuple[Node, ...]:
        return (self.look(scene.stack, self.choose(scene.nodes, dice)),)


def holder_of(session: str) -> HolderOf:
    """The replica that holds a session when it is struck: `holder_of("s17")`."""
    return HolderOf(session)


def busiest(role: str) -> Busiest:
    """The one with the most living sessions when it is struck: `busiest("replica")`."""
    return Busiest(every(role).role)


def primary() -> FoundBy:
    """The store that is the primary when it is struck, whoever it was before: `Kill(primary())`."""
    return FoundBy(Role.STORE, "the current primary", current_primary)


def _named(scene: Scene, name: str) -> Node:
    for node in scene.nodes:
        if node.name == name:
            return node
    raise NodeNotFound(name, (node.name for node in scene.nodes))

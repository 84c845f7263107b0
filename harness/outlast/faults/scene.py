"""What can be seen at the instant of a strike: the stack, who is struck already, and where the users' sessions live."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from outlast.stacks.stack import Node, Stack


class SlowOne(Protocol):
    """A slow request under way."""

    @property
    def session(self) -> str: ...

    @property
    def replica(self) -> str:
        """The one that last answered its session, "" for none."""
        ...

    @property
    def since_ns(self) -> int: ...


class Crowd(Protocol):
    """The users at one instant, as the load sees them; a `workloads.status.Glance` is one."""

    @property
    def alive_on(self) -> Mapping[str, int]:
        """Sessions whose last answer showed them alive, by the replica that gave it."""
        ...

    @property
    def slow(self) -> Sequence[SlowOne]:
        """The slow requests under way."""
        ...

    @property
    def holders(self) -> Mapping[str, str]:
        """Session -> the replica that last answered it, of those that were asked for and live."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One instant. `struck`: the nodes that are under a fault now; `slow_s`: how long a slow request takes.

    `crowd(sessions)` asks the load, which takes some milliseconds, for what is named there and for the holders of these
    sessions; a look at the stack costs what the engine takes.
    """

    stack: Stack
    nodes: tuple[Node, ...]
    now_ns: int
    crowd: Callable[[Collection[str]], Crowd]
    struck: frozenset[str] = frozenset()
    slow_s: float = 1.0

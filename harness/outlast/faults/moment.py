"""Moments: events that a fault waits for instead of the clock, such as so many sessions on its victim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from outlast.errors import UsageError
from outlast.faults.scene import Crowd, Scene
from outlast.stacks.stack import Node, Role

MIDDLE = (0.2, 0.8)
"""In the middle of a slow request: so much of it is over, and so much at most."""


class Lookout(Protocol):
    """Waits for one moment in one run."""

    def come(self, scene: Scene, victims: tuple[Node, ...]) -> str | None:
        """Whether it is now: the evidence in a few words, or None. Asked again and again, some 20 times a second."""
        ...


class Moment(Protocol):
    """An event worth striking at."""

    @property
    def words(self) -> str:
        """The event as part of a sentence: 200 sessions live on the victim."""
        ...

    def lookout(self) -> Lookout:
        """Begin to look out for it."""
        ...


@dataclass(frozen=True, slots=True)
class SessionsOnVictim:
    """So many living sessions were last answered by the victims; by any replica, when no victim is one."""

    count: int

    def __post_init__(self) -> None:
        if self.count < 1:
            raise UsageError(f"sessions_on_victim({self.count}): give a number above zero.")

    @property
    def words(self) -> str:
        return f"{self.count} sessions live on the victim"

    def lookout(self) -> Lookout:
        return self

    def come(self, scene: Scene, victims: tuple[Node, ...]) -> str | None:
        alive_on, replicas = scene.crowd(()).alive_on, _replicas(victims)
        count = sum(there for name, there in alive_on.items() if not replicas or name in replicas)
        return f"{count} sessions live on the victim" if count >= self.count else None


@dataclass(frozen=True, slots=True)
class SlowRequest:
    """A slow request is in its middle on a victim; on any replica, when no victim is one.

    The load knows the replica that last answered a session. Where the balancer keeps a user to a replica it is the one
    at work; elsewhere it may be another.
    """

    @property
    def words(self) -> str:
        return "a slow request is in its middle on the victim"

    def lookout(self) -> Lookout:
        return self

    def come(self, scene: Scene, victims: tuple[Node, ...]) -> str | None:
        crowd: Crowd = scene.crowd(())
        replicas = _replicas(victims)
        for slow in crowd.slow:
            over_s = (scene.now_ns - slow.since_ns) / 1e9
            if MIDDLE[0] * scene.slow_s <= over_s <= MIDDLE[1] * scene.slow_s and (
                not replicas or slow.replica in replicas
            ):
                return f"a slow request of session {slow.session} is under way on {slow.replica} for {over_s:.2f} s"
        return None


def sessions_on_victim(count: int) -> SessionsOnVictim:
    """So many sessions live on the victim: `when(sessions_on_victim(200), Kill(busiest("replica")))`."""
    return SessionsOnVictim(count)


def slow_request() -> SlowRequest:
    """A slow request is in its middle on the victim; the load must have some: `Load(mix=Mix(slow=5))`."""
    return SlowRequest()


def _replicas(victims: tuple[Node, ...]) -> frozenset[str]:
    return frozenset(node.name for node in victims if node.role is Role.REPLICA)

"""Scenes of a test's own: so many sessions here and there, and what is under way."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import cast

from outlast.faults.scene import Scene
from outlast.stacks.stack import Node, Role, Stack
from outlast.workloads.status import Glance, LoadStatus, SlowWrite

S = 10**9
BALANCER = Node("balancer", Role.BALANCER, "balancer")
STORES = tuple(Node(f"store-{n}", Role.STORE, f"store-{n}") for n in (1, 2))
REPLICAS = tuple(Node(f"app-{n}", Role.REPLICA, f"app-{n}") for n in (1, 2, 3))
NODES = (BALANCER, *STORES, *REPLICAS)


def scene(
    alive_on: Mapping[str, int] | None = None,
    *,
    slow: Sequence[SlowWrite] = (),
    holders: Mapping[str, str] | None = None,
    struck: Collection[str] = (),
    now_ns: int = 100 * S,
    stack: Stack | None = None,
    nodes: tuple[Node, ...] = NODES,
) -> Scene:
    def crowd(sessions: Collection[str]) -> Glance:
        held = {name: holder for name, holder in (holders or {}).items() if name in sessions}
        return Glance(status=LoadStatus(), alive_on=alive_on or {}, slow=tuple(slow), holders=held)

    return Scene(
        stack=stack or cast(Stack, None), nodes=nodes, now_ns=now_ns, crowd=crowd, struck=frozenset(struck), slow_s=1.0
    )

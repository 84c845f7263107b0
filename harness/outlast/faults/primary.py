"""Who of a store's nodes is the primary now: asked of the nodes, never taken from a configuration."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from outlast.errors import StackError
from outlast.faults.asking import info
from outlast.stacks.stack import Node, Stack, Status, StoreKind

SETTLED_S = 60.0
LOOK_S = 0.01


def current_primary(stack: Stack, nodes: Sequence[Node]) -> Node:
    """The one that says so itself and has replicas; without any replica, the only one that says so.

    An old primary that a Sentinel has not yet demoted says so too, but its replicas have left it. A store alone of a
    kind that tells no role is that one. `StackError` when nobody says so, or several do. Asks each store once.
    """
    if len(nodes) == 1 and nodes[0].kind is not StoreKind.REDIS:
        return nodes[0]
    return current_group(stack, nodes)[0]


def current_group(stack: Stack, nodes: Sequence[Node]) -> tuple[Node, tuple[Node, ...]]:
    """The current primary, and those that say that they follow somebody, in the order of the nodes.

    `StackError` as for `current_primary`. Asks each store once.
    """
    told = roles(stack, nodes)
    saying = [node for node, role in told.items() if role["role"] == "master"]
    followed = [node for node in saying if int(told[node].get("connected_slaves", "0")) > 0]
    found = followed or saying
    if len(found) != 1:
        names = " and ".join(node.name for node in found) or "none of the stores"
        raise StackError(f"{names} says to be the primary: there must be exactly one.")
    return found[0], tuple(node for node, role in told.items() if role["role"] == "slave")


def roles(stack: Stack, nodes: Sequence[Node]) -> Mapping[Node, Mapping[str, str]]:
    """INFO replication of every Redis among them that runs and answers."""
    told = {}
    for node in nodes:
        if node.kind is StoreKind.REDIS and stack.state(node).status is Status.RUNNING:
            try:
                fields = info(stack, node, "replication")
            except StackError:  # it has just gone, or loads
                continue
            if "role" in fields:
                told[node] = fields
    return told


def await_promotion(stack: Stack, nodes: Sequence[Node], old: Node, within_s: float) -> tuple[Node, int]:
    """The node that says to be the primary and is not the old one, and when it was first heard, ns; `StackError`."""
    others = [node for node in nodes if node != old]
    found: list[Node] = []

    def promoted() -> bool:
        found[:] = [node for node, role in roles(stack, others).items() if role["role"] == "master"]
        return bool(found)

    if not await_(promoted, within_s):
        raise StackError(f"No other store has become the primary in {within_s:g} s: {old.name} was not replaced.")
    return found[0], time.monotonic_ns()


def await_settled(stack: Stack, nodes: Sequence[Node]) -> None:
    """Wait until every Redis answers, one is the primary, and all others follow it and are linked; `StackError`."""
    wanted = [node for node in nodes if node.kind is StoreKind.REDIS]

    def settled() -> bool:
        told = roles(stack, wanted)
        followers = [role for role in told.values() if role["role"] == "slave"]
        linked = [role for role in followers if role.get("master_link_status") == "up"]
        leading = [role for role in told.values() if role["role"] == "master"]
        followed = sum(int(role.get("connected_slaves", "0")) for role in leading)
        return len(told) == len(wanted) == len(linked) + 1 and followed == len(linked)

    if not await_(settled, SETTLED_S):
        told = "; ".join(f"{node.name}: {role['role']}" for node, role in roles(stack, wanted).items())
        raise StackError(f"The stores have not agreed on one primary in {SETTLED_S:g} s ({told or 'none answers'}).")


def await_(holds: Callable[[], bool], within_s: float) -> bool:
    """Whether it came true in time."""
    deadline = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_S)
    return True

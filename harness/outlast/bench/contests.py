"""All contests by name, and why the other faults have none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from outlast.bench.contest import Contest
from outlast.bench.contests_balancer import BALANCERS
from outlast.bench.contests_network import NETWORK
from outlast.bench.contests_nodes import NODES
from outlast.bench.contests_stores import STORES
from outlast.errors import UnknownName, UsageError

CONTESTS: Mapping[str, Contest] = MappingProxyType(
    {contest.name: contest for contest in (*NODES, *BALANCERS, *NETWORK, *STORES)}
)
WITHOUT: Mapping[str, str] = MappingProxyType(
    {
        "out_of_memory": "by hand one can only set a limit: the node must ask for more by itself",
        "lose_primary": "its parts are measured apart, as cut_replication and kill; no plain command waits in between",
        "deploy": "to the daemon it is a recreation, which is measured",
        "move": "no plain command gives a node another address and its old name",
        "switch": "it turns the balancer's own pools, and what one types is what it says itself",
        "canary": "it is a switch of a share, and what one types is what it says itself",
        "fill_disk": "it lasts as long as the disk is large, whoever fills it",
        "toxic": "it asks a Toxiproxy, and what one types is the request that it makes itself",
        "nothing": "it does nothing",
    }
)
"""Fault -> why it is not measured."""


def contests(only: Sequence[str] = ()) -> tuple[Contest, ...]:
    """Those of these names, all by default, in the order in which they are listed here.

    Raises UnknownName, and UsageError for a fault that has no contest.
    """
    for name in only:
        if name in WITHOUT:
            raise UsageError(f"{name} is not measured beside a plain tool: {WITHOUT[name]}.")
        if name not in CONTESTS:
            raise UnknownName("measured fault", name, CONTESTS)
    return tuple(contest for name, contest in CONTESTS.items() if not only or name in only)

"""Faults of the network, beside nft, tc and docker network."""

from __future__ import annotations

from outlast.bench.contest import Contest, Hand
from outlast.faults.aim import named
from outlast.faults.bandwidth import Bandwidth
from outlast.faults.delay import Delay
from outlast.faults.disconnect import Disconnect
from outlast.faults.loss import Loss
from outlast.faults.partition import Partition
from outlast.stacks.powers import networking
from outlast.stacks.stack import Node

HIM = named("app-2")
STORE = named("store")
EACH_WAY = (("incoming", "input", "saddr"), ("outgoing", "output", "daddr"))


def _rules(hand: Hand, *rules: str) -> list[str]:
    """A table with these rules both ways; `{peer}` in one is the store, as the side that sends or that receives."""
    address = hand.state("store").address
    words = ["add table inet by_hand"]
    for chain, hook, side in EACH_WAY:
        words.append(f"add chain inet by_hand {chain} {{ type filter hook {hook} priority 0; }}")
        words += [f"add rule inet by_hand {chain} {rule.format(peer=f'ip {side} {address}')}" for rule in rules]
    return hand.in_network("nft", "; ".join(words))


def _no_rules(hand: Hand) -> list[str]:
    return hand.in_network("nft", "delete table inet by_hand")


def _no_queue(hand: Hand) -> list[str]:
    return hand.in_network("tc", "qdisc", "del", "dev", _device(hand), "root")


def _queue(hand: Hand, *settings: str) -> list[str]:
    return hand.in_network("tc", "qdisc", "add", "dev", _device(hand), "root", *settings)


def _device(hand: Hand) -> str:
    """The interface's name: it is eth0 until the node was once off its network."""
    links = networking(hand.stack).in_network_of(hand.node, "ip -br link").output.splitlines()
    return next(line.split("@")[0].split()[0] for line in links if not line.startswith("lo "))


def _network(hand: Hand) -> str:
    return next(iter(networking(hand.stack).addresses(hand.node)))


def _onto_network(hand: Hand) -> list[str]:
    network = next(iter(networking(hand.stack).addresses(_neighbour(hand))))
    return ["docker", "network", "connect", "--alias", hand.node.service, network, hand.container()]


def _neighbour(hand: Hand) -> Node:
    return next(node for node in hand.stack.nodes() if node != hand.node)


NETWORK = (
    Contest(
        fault=Partition(HIM, away_from=STORE),
        by_hand="nft: drop, in the node's network",
        plain=lambda hand: _rules(hand, "{peer} drop"),
        plain_undo=_no_rules,
    ),
    Contest(
        fault=Partition(HIM, away_from=STORE, how="refuse"),
        variant="refuse",
        by_hand="nft: reject, in the node's network",
        plain=lambda hand: _rules(hand, "{peer} meta l4proto tcp reject with tcp reset", "{peer} reject"),
        plain_undo=_no_rules,
    ),
    Contest(
        fault=Loss(HIM, percent=10),
        by_hand="nft: numgen random, drop, in the node's network",
        plain=lambda hand: _rules(hand, "numgen random mod 100 < 10 drop"),
        plain_undo=_no_rules,
    ),
    Contest(
        fault=Bandwidth(HIM, kbit_s=256),
        by_hand="tc: tbf, in the node's network",
        plain=lambda hand: _queue(hand, "tbf", "rate", "256kbit", "burst", "3200", "latency", "1000ms"),
        plain_undo=_no_queue,
    ),
    Contest(
        fault=Delay(HIM),
        by_hand="tc: netem delay, in the node's network",
        plain=lambda hand: _queue(hand, "netem", "delay", "100ms"),
        plain_undo=_no_queue,
    ),
    Contest(
        fault=Disconnect(HIM),
        by_hand="docker network disconnect",
        plain=lambda hand: ["docker", "network", "disconnect", _network(hand), hand.container()],
        plain_undo=_onto_network,
    ),
)

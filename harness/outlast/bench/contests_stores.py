"""Faults of the stores, beside redis-cli in their containers."""

from __future__ import annotations

from outlast.bench.contest import SELDOM, Contest, Hand
from outlast.faults.aim import named
from outlast.faults.cut_replication import CutReplication
from outlast.faults.failover import Failover
from outlast.faults.fill_memory import ROOM_MIB, FillMemory
from outlast.faults.flush import Flush
from outlast.faults.primary import await_settled, current_primary
from outlast.faults.read_only import ReadOnly
from outlast.faults.stall import Stall
from outlast.stacks.stack import Node, Stack, StoreKind

STORE = named("store")
ANY_STORE = named("store-1")
MIB = 2**20
SENTINELS = "redis-sentinel"


def _cli(hand: Hand, *words: str) -> list[str]:
    return ["docker", "exec", hand.container(), "redis-cli", "-e", *words]


def _lines(hand: Hand, *lines: str) -> list[str]:
    """Several of them at once, so that nobody is charged twice for coming in."""
    return ["docker", "exec", hand.container(), "sh", "-c", " && ".join(f"redis-cli -e {line}" for line in lines)]


def _filled(hand: Hand) -> list[str]:
    told = dict(line.split(":", 1) for line in hand.asked(*_cli(hand, "INFO", "memory")).splitlines() if ":" in line)
    limit = int(told["used_memory"]) + ROOM_MIB * MIB
    fill = f"for n = 1, {3 * ROOM_MIB * 1024} do redis.call('SET', 'by-hand:' .. n, string.rep('x', 1024)) end"
    settings = (
        f"CONFIG SET {name} {value}" for name, value in (("maxmemory-policy", "allkeys-lru"), ("maxmemory", limit))
    )
    return _lines(hand, *settings, f'EVAL "{fill}" 0')


def _emptied(hand: Hand) -> list[str]:
    return _lines(hand, "CONFIG SET maxmemory 0", "CONFIG SET maxmemory-policy noeviction", "FLUSHALL")


def _primary(hand: Hand) -> Node:
    return current_primary(hand.stack, hand.stack.nodes())


def _cut(hand: Hand) -> list[str]:
    said = "redis-cli -e ACL SETUSER default -psync -sync && redis-cli -e CLIENT KILL TYPE replica"
    return ["docker", "exec", hand.container(_primary(hand).name), "sh", "-c", said]


def _mended(hand: Hand) -> list[str]:
    return [
        "docker",
        "exec",
        hand.container(_primary(hand).name),
        *("redis-cli", "ACL", "SETUSER", "default", "+psync", "+sync"),
    ]


def _failed_over(hand: Hand) -> list[str]:
    """Told to a Sentinel, which answers at once; then the others are asked until one of them is the primary."""
    others = [node.name for node in hand.stack.nodes() if node.kind is StoreKind.REDIS and node != _primary(hand)]
    promoted = " || ".join(f"redis-cli -h {name} ROLE | grep -q master" for name in others)
    said = f"redis-cli -e -p 26379 SENTINEL FAILOVER lab && until {promoted}; do sleep 0.01; done"
    return ["docker", "exec", hand.container("sentinel-1"), "sh", "-c", said]


def _settled(stack: Stack) -> None:
    await_settled(stack, stack.nodes())


STORES = (
    Contest(
        fault=Flush(STORE),
        by_hand="docker exec redis-cli FLUSHALL",
        plain=lambda hand: _cli(hand, "FLUSHALL"),
        ahead=lambda hand: _cli(hand, "SET", "outlast:bench", "1"),
    ),
    Contest(
        fault=ReadOnly(STORE),
        by_hand="docker exec redis-cli CONFIG SET min-replicas-to-write",
        plain=lambda hand: _cli(hand, "CONFIG", "SET", "min-replicas-to-write", "99"),
        plain_undo=lambda hand: _cli(hand, "CONFIG", "SET", "min-replicas-to-write", "0"),
    ),
    Contest(
        fault=Stall(STORE, for_s=0.5),
        by_hand="docker exec redis-cli CLIENT PAUSE",
        plain=lambda hand: _cli(hand, "CLIENT", "PAUSE", "500", "ALL"),
        plain_undo=lambda hand: _cli(hand, "PING"),
    ),
    Contest(
        fault=FillMemory(STORE),
        by_hand="docker exec redis-cli CONFIG SET maxmemory, then EVAL of a loop of SET",
        plain=_filled,
        plain_undo=_emptied,
        strikes=2,
    ),
    Contest(
        fault=CutReplication(ANY_STORE),
        architecture=SENTINELS,
        by_hand="docker exec redis-cli ACL SETUSER, then CLIENT KILL TYPE replica",
        plain=_cut,
        plain_undo=_mended,
        settle=_settled,
        strikes=2,
    ),
    Contest(
        fault=Failover(ANY_STORE),
        architecture=SENTINELS,
        by_hand="docker exec redis-cli SENTINEL FAILOVER, then ROLE until a replica is the primary",
        plain=_failed_over,
        settle=_settled,
        strikes=SELDOM,
    ),
)

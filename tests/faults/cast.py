"""Which fault strikes which node of the lab in the SIGKILL sweep, each with the settings that make sense there."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from outlast.faults.aim import named
from outlast.faults.crash import Crash
from outlast.faults.fault import Fault
from outlast.faults.kill import Kill
from outlast.faults.nothing import Nothing
from outlast.faults.pause import Pause
from outlast.faults.recreate import Recreate
from outlast.faults.restart import Restart
from outlast.faults.stop import Stop
from outlast.stacks.stack import Node

REPLICAS, STORES = ("app-1", "app-2", "app-3"), ("store",)

CAST: dict[str, tuple[Callable[[Any], Fault], tuple[str, ...]]] = {
    "kill": (Kill, REPLICAS + STORES),
    "crash": (Crash, REPLICAS + STORES),
    "stop": (lambda aim: Stop(aim, grace_s=2.0), REPLICAS + STORES),
    "restart": (lambda aim: Restart(aim, grace_s=2.0), REPLICAS + STORES),
    "recreate": (Recreate, REPLICAS),
    "pause": (Pause, (*REPLICAS, *STORES, "balancer")),
    "nothing": (Nothing, REPLICAS),
}


def cast(name: str, stack: Any, dice: Random) -> tuple[Fault, Node]:
    """A fault of that name and a node for it."""
    make, names = CAST[name]
    victim = dice.choice(names)
    return make(named(victim)), next(node for node in stack.nodes() if node.name == victim)

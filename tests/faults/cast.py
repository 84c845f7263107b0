"""Which fault strikes which node of the lab in the SIGKILL sweep, each with the settings that make sense there."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from outlast.faults.aim import named
from outlast.faults.bandwidth import Bandwidth
from outlast.faults.crash import Crash
from outlast.faults.disconnect import Disconnect
from outlast.faults.fault import Fault
from outlast.faults.fill_memory import FillMemory
from outlast.faults.kill import Kill
from outlast.faults.loss import Loss
from outlast.faults.nothing import Nothing
from outlast.faults.out_of_memory import OutOfMemory
from outlast.faults.partition import Partition
from outlast.faults.pause import Pause
from outlast.faults.read_only import ReadOnly
from outlast.faults.recreate import Recreate
from outlast.faults.reload import Reload
from outlast.faults.restart import Restart
from outlast.faults.rolling_restart import RollingRestart
from outlast.faults.starve import Starve
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
    "starve": (Starve, REPLICAS),
    "out_of_memory": (OutOfMemory, REPLICAS),
    "rolling_restart": (lambda aim: RollingRestart(aim, drained=False), REPLICAS),
    "reload": (Reload, ("balancer",)),
    "read_only": (ReadOnly, STORES),
    "fill_memory": (FillMemory, STORES),
    "partition": (Partition, REPLICAS + STORES),
    "loss": (Loss, REPLICAS),
    "bandwidth": (Bandwidth, REPLICAS),
    "disconnect": (Disconnect, REPLICAS),
}


def cast(name: str, stack: Any, dice: Random) -> tuple[Fault, Node]:
    """A fault of that name and a node for it."""
    make, names = CAST[name]
    victim = dice.choice(names)
    return make(named(victim)), next(node for node in stack.nodes() if node.name == victim)

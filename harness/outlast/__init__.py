"""Outlast: when a server dies, restarts or is deployed, does the user's session outlast it?

The front door, and all that an experiment imports. Names are loaded when they are first used, so that the load process,
which must not meet docker or requests before locust, can import the package too.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from outlast.checkers.anomaly import Anomaly
    from outlast.checkers.promise import (
        loses_all,
        loses_all_even_without_fault,
        loses_exactly_the_victims,
        loses_nothing,
    )
    from outlast.checkers.verdict import Verdict
    from outlast.declaration import promises
    from outlast.faults.aim import every, minority, named, one
    from outlast.faults.canary import Canary
    from outlast.faults.crash import Crash
    from outlast.faults.deploy import Deploy
    from outlast.faults.fill_disk import FillDisk
    from outlast.faults.kill import Kill
    from outlast.faults.move import Move
    from outlast.faults.nothing import Nothing
    from outlast.faults.out_of_memory import OutOfMemory
    from outlast.faults.pause import Pause
    from outlast.faults.recreate import Recreate
    from outlast.faults.reload import Reload
    from outlast.faults.restart import Restart
    from outlast.faults.rolling_restart import RollingRestart
    from outlast.faults.scale_in import ScaleIn
    from outlast.faults.scale_out import ScaleOut
    from outlast.faults.starve import Starve
    from outlast.faults.stop import Stop
    from outlast.faults.switch import Switch
    from outlast.runner.outcome import Outcome
    from outlast.workloads.workload import Load, Mix

__all__ = [
    "Anomaly",
    "Canary",
    "Crash",
    "Deploy",
    "FillDisk",
    "Kill",
    "Load",
    "Mix",
    "Move",
    "Nothing",
    "OutOfMemory",
    "Outcome",
    "Pause",
    "Recreate",
    "Reload",
    "Restart",
    "RollingRestart",
    "ScaleIn",
    "ScaleOut",
    "Starve",
    "Stop",
    "Switch",
    "Verdict",
    "every",
    "loses_all",
    "loses_all_even_without_fault",
    "loses_exactly_the_victims",
    "loses_nothing",
    "minority",
    "named",
    "one",
    "promises",
]

_HOMES = {
    "Anomaly": "checkers.anomaly",
    "Canary": "faults.canary",
    "Crash": "faults.crash",
    "Deploy": "faults.deploy",
    "FillDisk": "faults.fill_disk",
    "Kill": "faults.kill",
    "Load": "workloads.workload",
    "Mix": "workloads.workload",
    "Move": "faults.move",
    "Nothing": "faults.nothing",
    "OutOfMemory": "faults.out_of_memory",
    "Outcome": "runner.outcome",
    "Pause": "faults.pause",
    "Recreate": "faults.recreate",
    "Reload": "faults.reload",
    "Restart": "faults.restart",
    "RollingRestart": "faults.rolling_restart",
    "ScaleIn": "faults.scale_in",
    "ScaleOut": "faults.scale_out",
    "Starve": "faults.starve",
    "Stop": "faults.stop",
    "Switch": "faults.switch",
    "Verdict": "checkers.verdict",
    "every": "faults.aim",
    "loses_all": "checkers.promise",
    "loses_all_even_without_fault": "checkers.promise",
    "loses_exactly_the_victims": "checkers.promise",
    "loses_nothing": "checkers.promise",
    "minority": "faults.aim",
    "named": "faults.aim",
    "one": "faults.aim",
    "promises": "declaration",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"outlast has no {name!r}")
    return getattr(importlib.import_module(f"outlast.{home}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)

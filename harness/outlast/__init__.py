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
    from outlast.faults.bandwidth import Bandwidth
    from outlast.faults.crash import Crash
    from outlast.faults.delay import Delay
    from outlast.faults.disconnect import Disconnect
    from outlast.faults.kill import Kill
    from outlast.faults.loss import Loss
    from outlast.faults.nothing import Nothing
    from outlast.faults.partition import Partition
    from outlast.faults.pause import Pause
    from outlast.faults.recreate import Recreate
    from outlast.faults.restart import Restart
    from outlast.faults.stop import Stop
    from outlast.faults.toxic import Toxic
    from outlast.runner.outcome import Outcome
    from outlast.workloads.workload import Load, Mix

__all__ = [
    "Anomaly",
    "Bandwidth",
    "Crash",
    "Delay",
    "Disconnect",
    "Kill",
    "Load",
    "Loss",
    "Mix",
    "Nothing",
    "Outcome",
    "Partition",
    "Pause",
    "Recreate",
    "Restart",
    "Stop",
    "Toxic",
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
    "Bandwidth": "faults.bandwidth",
    "Crash": "faults.crash",
    "Delay": "faults.delay",
    "Disconnect": "faults.disconnect",
    "Kill": "faults.kill",
    "Load": "workloads.workload",
    "Loss": "faults.loss",
    "Mix": "workloads.workload",
    "Nothing": "faults.nothing",
    "Outcome": "runner.outcome",
    "Partition": "faults.partition",
    "Pause": "faults.pause",
    "Recreate": "faults.recreate",
    "Restart": "faults.restart",
    "Stop": "faults.stop",
    "Toxic": "faults.toxic",
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

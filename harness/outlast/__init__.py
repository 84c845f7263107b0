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
        loses_writes_younger_than_s,
    )
    from outlast.checkers.verdict import Verdict
    from outlast.declaration import predicted, promises
    from outlast.faults.aim import every, minority, named, one
    from outlast.faults.aim_late import busiest, holder_of, primary
    from outlast.faults.bandwidth import Bandwidth
    from outlast.faults.canary import Canary
    from outlast.faults.crash import Crash
    from outlast.faults.cut_replication import CutReplication
    from outlast.faults.delay import Delay
    from outlast.faults.deploy import Deploy
    from outlast.faults.disconnect import Disconnect
    from outlast.faults.failover import Failover
    from outlast.faults.fill_disk import FillDisk
    from outlast.faults.fill_memory import FillMemory
    from outlast.faults.flush import Flush
    from outlast.faults.kill import Kill
    from outlast.faults.lose_primary import LosePrimary
    from outlast.faults.loss import Loss
    from outlast.faults.moment import sessions_on_victim, slow_request
    from outlast.faults.move import Move
    from outlast.faults.nothing import Nothing
    from outlast.faults.out_of_memory import OutOfMemory
    from outlast.faults.partition import Partition
    from outlast.faults.pause import Pause
    from outlast.faults.read_only import ReadOnly
    from outlast.faults.recreate import Recreate
    from outlast.faults.reload import Reload
    from outlast.faults.replication_lag import replication_lag_ms
    from outlast.faults.restart import Restart
    from outlast.faults.rolling_restart import RollingRestart
    from outlast.faults.scale_in import ScaleIn
    from outlast.faults.scale_out import ScaleOut
    from outlast.faults.stall import Stall
    from outlast.faults.starve import Starve
    from outlast.faults.stop import Stop
    from outlast.faults.switch import Switch
    from outlast.faults.toxic import Toxic
    from outlast.runner.abort import Abort
    from outlast.runner.course import at, during_slow_request, overlapping, randomly, sequence, when
    from outlast.runner.outcome import Outcome
    from outlast.workloads.workload import Load, Mix

__all__ = [
    "Abort",
    "Anomaly",
    "Bandwidth",
    "Canary",
    "Crash",
    "CutReplication",
    "Delay",
    "Deploy",
    "Disconnect",
    "Failover",
    "FillDisk",
    "FillMemory",
    "Flush",
    "Kill",
    "Load",
    "LosePrimary",
    "Loss",
    "Mix",
    "Move",
    "Nothing",
    "OutOfMemory",
    "Outcome",
    "Partition",
    "Pause",
    "ReadOnly",
    "Recreate",
    "Reload",
    "Restart",
    "RollingRestart",
    "ScaleIn",
    "ScaleOut",
    "Stall",
    "Starve",
    "Stop",
    "Switch",
    "Toxic",
    "Verdict",
    "at",
    "busiest",
    "during_slow_request",
    "every",
    "holder_of",
    "loses_all",
    "loses_all_even_without_fault",
    "loses_exactly_the_victims",
    "loses_nothing",
    "loses_writes_younger_than_s",
    "minority",
    "named",
    "one",
    "overlapping",
    "predicted",
    "primary",
    "promises",
    "randomly",
    "replication_lag_ms",
    "sequence",
    "sessions_on_victim",
    "slow_request",
    "when",
]

_HOMES = {
    "Abort": "runner.abort",
    "Anomaly": "checkers.anomaly",
    "Canary": "faults.canary",
    "Crash": "faults.crash",
    "CutReplication": "faults.cut_replication",
    "Failover": "faults.failover",
    "FillMemory": "faults.fill_memory",
    "Flush": "faults.flush",
    "Deploy": "faults.deploy",
    "FillDisk": "faults.fill_disk",
    "Bandwidth": "faults.bandwidth",
    "Delay": "faults.delay",
    "Disconnect": "faults.disconnect",
    "Kill": "faults.kill",
    "LosePrimary": "faults.lose_primary",
    "Load": "workloads.workload",
    "Loss": "faults.loss",
    "Mix": "workloads.workload",
    "Move": "faults.move",
    "Nothing": "faults.nothing",
    "OutOfMemory": "faults.out_of_memory",
    "Outcome": "runner.outcome",
    "Partition": "faults.partition",
    "Pause": "faults.pause",
    "ReadOnly": "faults.read_only",
    "Recreate": "faults.recreate",
    "Reload": "faults.reload",
    "Restart": "faults.restart",
    "RollingRestart": "faults.rolling_restart",
    "ScaleIn": "faults.scale_in",
    "ScaleOut": "faults.scale_out",
    "Starve": "faults.starve",
    "Stall": "faults.stall",
    "Stop": "faults.stop",
    "Switch": "faults.switch",
    "Toxic": "faults.toxic",
    "Verdict": "checkers.verdict",
    "at": "runner.course",
    "busiest": "faults.aim_late",
    "during_slow_request": "runner.course",
    "every": "faults.aim",
    "holder_of": "faults.aim_late",
    "loses_all": "checkers.promise",
    "loses_all_even_without_fault": "checkers.promise",
    "loses_exactly_the_victims": "checkers.promise",
    "loses_nothing": "checkers.promise",
    "loses_writes_younger_than_s": "checkers.promise",
    "minority": "faults.aim",
    "named": "faults.aim",
    "one": "faults.aim",
    "overlapping": "runner.course",
    "primary": "faults.aim_late",
    "predicted": "declaration",
    "promises": "declaration",
    "randomly": "runner.course",
    "replication_lag_ms": "faults.replication_lag",
    "sequence": "runner.course",
    "sessions_on_victim": "faults.moment",
    "slow_request": "faults.moment",
    "when": "runner.course",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"outlast has no {name!r}")
    return getattr(importlib.import_module(f"outlast.{home}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)

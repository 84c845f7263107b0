"""All faults by name: what `outlast` offers, and what the tables in the documentation are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from outlast.errors import UnknownName
from outlast.faults.bandwidth import Bandwidth
from outlast.faults.canary import Canary
from outlast.faults.crash import Crash
from outlast.faults.cut_replication import CutReplication
from outlast.faults.delay import Delay
from outlast.faults.deploy import Deploy
from outlast.faults.disconnect import Disconnect
from outlast.faults.failover import Failover
from outlast.faults.fault import Aim, Fault
from outlast.faults.fill_disk import FillDisk
from outlast.faults.fill_memory import FillMemory
from outlast.faults.flush import Flush
from outlast.faults.kill import Kill
from outlast.faults.lose_primary import LosePrimary
from outlast.faults.loss import Loss
from outlast.faults.move import Move
from outlast.faults.nothing import Nothing
from outlast.faults.out_of_memory import OutOfMemory
from outlast.faults.partition import Partition
from outlast.faults.pause import Pause
from outlast.faults.read_only import ReadOnly
from outlast.faults.recreate import Recreate
from outlast.faults.reload import Reload
from outlast.faults.restart import Restart
from outlast.faults.rolling_restart import RollingRestart
from outlast.faults.scale_in import ScaleIn
from outlast.faults.scale_out import ScaleOut
from outlast.faults.stall import Stall
from outlast.faults.starve import Starve
from outlast.faults.stop import Stop
from outlast.faults.switch import Switch
from outlast.faults.toxic import Toxic
from outlast.stacks.stack import Power


class Kind(Protocol):
    """The class of a fault."""

    @property
    def name(self) -> str: ...

    @property
    def needs(self) -> tuple[Power, ...]: ...

    @property
    def irreversible(self) -> bool: ...

    def __call__(self, aim: Aim) -> Fault:
        """A fault on that aim, its other settings as they are by default."""
        ...


KINDS: tuple[Kind, ...] = (
    Kill,
    Crash,
    Stop,
    Restart,
    Recreate,
    Pause,
    Flush,
    Failover,
    CutReplication,
    LosePrimary,
    OutOfMemory,
    Starve,
    RollingRestart,
    Deploy,
    FillDisk,
    Stall,
    FillMemory,
    ReadOnly,
    ScaleOut,
    ScaleIn,
    Reload,
    Move,
    Switch,
    Canary,
    Partition,
    Disconnect,
    Loss,
    Bandwidth,
    Delay,
    Toxic,
    Nothing,
)
CATALOGUE: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in KINDS})


@dataclass(frozen=True, slots=True)
class Entry:
    """A fault in one line of a table."""

    name: str
    description: str
    needs: tuple[Power, ...]
    reversible: bool


def entries() -> tuple[Entry, ...]:
    """The catalogue as rows, in its own order."""
    return tuple(
        Entry(
            name=name,
            description=(kind.__doc__ or "").strip().splitlines()[0],
            needs=kind.needs,
            reversible=not kind.irreversible,
        )
        for name, kind in CATALOGUE.items()
    )


def fault(name: str, aim: Aim) -> Fault:
    """A fault of that name on that aim; `UnknownName` when the catalogue lacks it."""
    if name not in CATALOGUE:
        raise UnknownName("fault", name, CATALOGUE)
    return CATALOGUE[name](aim)

"""Who holds a run: enough to tell later, from another process, whether that holder still lives."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum

from outlast.stacks import proc

OWNER_LABEL = "outlast.owner"
RUN_LABEL = "outlast.run"
OWNER_VARIABLE = "OUTLAST_OWNER"
RUN_VARIABLE = "OUTLAST_RUN"
NODE_VARIABLE = "OUTLAST_NODE"
IDENTITY_VARIABLE = "OUTLAST_IDENTITY"


class Life(StrEnum):
    """What is known of an owner from here."""

    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Owner:
    """A process, named so that a recycled pid cannot be taken for it.

    `ticks` is its start in clock ticks since boot, `boot` the kernel's boot id, `namespace` its set of pids.
    """

    pid: int
    ticks: int
    boot: str
    namespace: str

    @classmethod
    def this_process(cls) -> Owner:
        """The process that asks."""
        pid = os.getpid()
        seen = proc.look(pid)
        return cls(pid=pid, ticks=seen.ticks if seen else 0, boot=proc.boot_id(), namespace=proc.pid_namespace())

    @classmethod
    def parse(cls, text: str) -> Owner | None:
        """What `str(owner)` wrote; None for anything else."""
        parts = text.split(":")
        if len(parts) != 4 or not parts[0].isdecimal() or not parts[1].isdecimal():
            return None
        return cls(pid=int(parts[0]), ticks=int(parts[1]), boot=parts[2], namespace=parts[3])

    def __str__(self) -> str:
        return f"{self.pid}:{self.ticks}:{self.boot}:{self.namespace}"

    def life(self) -> Life:
        """Whether it lives. An owner whose pids we cannot see (another container) is UNKNOWN, never dead.

        Of an earlier boot it is dead, if what it owned is on this very machine: the caller knows whether it is.
        """
        if self.boot != proc.boot_id():
            return Life.DEAD
        if self.namespace != proc.pid_namespace():
            return Life.UNKNOWN
        seen = proc.look(self.pid)
        return Life.ALIVE if seen is not None and seen.ticks == self.ticks and not seen.gone else Life.DEAD

"""What is to be found out: one hypothesis, on one architecture, with its faults, its load and its promise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from outlast.checkers.promise import Promise
from outlast.drivers.front import PLAIN, Front
from outlast.runner.abort import Abort
from outlast.runner.course import Course
from outlast.stacks.own import OwnStack
from outlast.workloads.workload import Load


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """One run to be. `promise` None: nothing is declared, the verdict alone counts."""

    name: str
    hypothesis: str
    architecture: str
    courses: tuple[Course, ...]
    load: Load
    seed: int
    promise: Promise | None = None
    gates: Mapping[str, float | None] = field(default_factory=dict)
    driver: str = "lab"
    own: OwnStack | None = None
    """The user's own stack; None: an architecture of the lab."""
    allowed_targets: tuple[str, ...] = ()
    """Hosts that are not loopback and may get the load."""
    abort: Abort | None = None
    dry: bool = False
    """Everything but the harm."""
    not_tested: tuple[str, ...] = ()
    command: str = ""

    @property
    def front(self) -> Front:
        """How its app is asked for at the door."""
        return Front(**self.own.front) if self.own else PLAIN

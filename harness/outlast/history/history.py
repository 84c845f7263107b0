"""A run as it was recorded: its operations, its phases and its fault windows."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from outlast.history.columns import Columns


class Guarantee(StrEnum):
    """What the deployment promises about the order of a session's reads and writes."""

    LINEARIZABLE = "linearizable"
    SESSION = "session"
    EVENTUAL = "eventual"


class Refresh(StrEnum):
    """What moves a session's expiry: each acknowledged use, each write, or nothing after login."""

    ACCESS = "access"
    WRITE = "write"
    LOGIN = "login"


class PhaseName(StrEnum):
    """The parts of a run, in their order."""

    STEADY = "steady"
    LOAD = "load"
    FAULT = "fault"
    HEAL = "heal"
    SETTLE = "settle"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the run and when it was, in monotonic nanoseconds."""

    name: PhaseName
    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultWindow:
    """When a fault was in force, on which nodes, and whether its onset and its end were proven from outside.

    `proof` and `heal_proof` are the evidence as sentences; `onset_error_ms` is scheduled -> observed from outside.
    """

    name: str
    nodes: tuple[str, ...]
    start_ns: int
    end_ns: int | None
    proven: bool
    healed: bool
    onset_error_ms: float | None = None
    proof: str = ""
    heal_proof: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What `outlast-history/1` says before the first operation."""

    seed: int | None = None
    guarantee: Guarantee = Guarantee.LINEARIZABLE
    clock_error_ns: int = 0
    ttl_s: float | None = None
    ttl_refresh: Refresh = Refresh.ACCESS
    granularity_s: float = 1.0
    max_sessions_per_user: int | None = None
    phases: tuple[Phase, ...] = ()
    faults: tuple[FaultWindow, ...] = ()
    reservations: tuple[str, ...] = ()
    """Why the run cannot prove what it was to prove, in sentences: a fault that was not done, an abort."""


@dataclass(frozen=True, slots=True)
class History:
    """Header and operations; all that a checker may know."""

    header: Header
    columns: Columns = field(default_factory=lambda: Columns.of(()))

"""What the harness itself writes down while a run goes on: the lines of `events.ndjson`, and what a live view shows."""

from __future__ import annotations

from dataclasses import dataclass

from outlast.history.history import PhaseName


@dataclass(frozen=True, slots=True, kw_only=True)
class RunBegan:
    """The first event: what is about to be done, the seed before all else."""

    at_ns: int
    wall_ns: int
    seed: int
    experiment: str
    architecture: str
    engine: str
    engine_reason: str
    run_id: str
    seconds_planned: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseBegan:
    """A phase of the run begins and the one before it ends. `seconds` is how long it is planned to take, if known."""

    at_ns: int
    name: PhaseName
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTold:
    """Something worth a line outside the phases: building images, starting the stack, judging."""

    at_ns: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadTicked:
    """How the load goes, about twice a second. Sessions are counted by what their last answer showed."""

    at_ns: int
    operations: int
    per_second: float
    failed: int
    sessions_alive: int
    sessions_gone: int
    sessions_unknown: int
    per_replica: dict[str, int]
    """Sessions whose last answer came from that replica."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultStruck:
    """A harm began; with its proof from outside."""

    at_ns: int
    fault: str
    nodes: tuple[str, ...]
    proven: bool
    evidence: str
    scheduled_ns: int
    onset_ns: int
    onset_error_ms: float | None
    number: int = 0
    """Of the strike in the run's schedule, from 1; 0 in files of an older version."""
    moment: str = ""
    """The event that it waited for, as it was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultHealed:
    """A harm was taken back; with its proof from outside."""

    at_ns: int
    fault: str
    nodes: tuple[str, ...]
    healed: bool
    evidence: str
    end_ns: int
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultMissed:
    """A fault of the schedule was not done, and why: its event never came, nobody was there to be struck, a dry run."""

    at_ns: int
    fault: str
    nodes: tuple[str, ...]
    why: str
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAborted:
    """A limit that the experiment set was passed: everything is healed now, and judged as usual."""

    at_ns: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """The last event: the verdict's word, how the expectation went, and where the report is."""

    at_ns: int
    verdict: str
    kept: bool | None
    sentence: str
    report: str


Event = RunBegan | PhaseBegan | StepTold | LoadTicked | FaultStruck | FaultHealed | FaultMissed | RunAborted | RunEnded

"""How far a run is, folded from its events: what a live view shows."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from outlast.archive.event import (
    Event,
    FaultHealed,
    FaultMissed,
    FaultStruck,
    LoadTicked,
    PhaseBegan,
    RunAborted,
    RunBegan,
    RunEnded,
    StepTold,
)
from outlast.history.history import PhaseName
from outlast.render.plain import plain
from outlast.render.words import listed

RATES_MAX: Final = 48


@dataclass(slots=True)
class Happening:
    """A harm that began or was taken back, with its proof. `sign` is struck, healed or unproven."""

    sign: str
    at_ns: int
    text: str


@dataclass(slots=True)
class Progress:
    """The state of one run."""

    began: RunBegan | None = None
    phase: PhaseBegan | None = None
    past: list[PhaseName] = field(default_factory=list)
    tick: LoadTicked | None = None
    rates: deque[tuple[float, bool]] = field(default_factory=lambda: deque(maxlen=RATES_MAX))
    """Operations per second, and whether a fault was in force."""
    happenings: list[Happening] = field(default_factory=list)
    step: str = ""
    ended: RunEnded | None = None

    def see(self, event: Event) -> None:
        """Take one event in."""
        match event:
            case RunBegan():
                self.began = event
            case PhaseBegan():
                if self.phase is not None:
                    self.past.append(self.phase.name)
                self.phase, self.step = event, ""
            case StepTold():
                self.step = plain(event.text, 160)
            case LoadTicked():
                self.tick = event
                self.rates.append((event.per_second, self._in_fault()))
            case FaultStruck() | FaultHealed() | FaultMissed() | RunAborted():
                self.happenings.append(happening(event))
            case RunEnded():
                self.ended = event

    def left_s(self, now_ns: int) -> float | None:
        """Seconds that the phase is planned to go on; None when nobody knows."""
        if self.phase is None or self.phase.seconds is None:
            return None
        return max(0.0, self.phase.seconds - (now_ns - self.phase.at_ns) / 1e9)

    def _in_fault(self) -> bool:
        return self.phase is not None and self.phase.name is PhaseName.FAULT


def happening(event: FaultStruck | FaultHealed | FaultMissed | RunAborted) -> Happening:
    """The event as a line with its proof."""
    if isinstance(event, RunAborted):
        return Happening("unproven", event.at_ns, f"aborted: {plain(event.why, 200)}")
    if isinstance(event, FaultMissed):
        where = f" on {listed(tuple(plain(node, 40) for node in event.nodes))}" if event.nodes else ""
        return Happening("unproven", event.at_ns, f"{plain(event.fault, 40)}{where} NOT done: {plain(event.why, 200)}")
    nodes = listed(tuple(plain(node, 40) for node in event.nodes))
    evidence = plain(event.evidence, 200) or "no evidence was told"
    if isinstance(event, FaultStruck):
        proven, sign = event.proven, "struck"
        evidence = f"{plain(event.moment, 120)}; {evidence}" if event.moment else evidence
        text = f"{plain(event.fault, 40)} on {nodes}"
    else:
        proven, sign = event.healed, "healed"
        text = f"{plain(event.fault, 40)} on {nodes} taken back"
    said = "proven" if proven else "NOT proven"
    return Happening(sign if proven else "unproven", event.at_ns, f"{text}, {said}: {evidence}")

"""Carries a schedule out: each strike at its time or at its moment, each heal in time, until all is done or aborted."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Final

from outlast.archive.event import PhaseBegan, RunAborted
from outlast.archive.events import EventLog
from outlast.clock import Clock
from outlast.errors import OutlastError
from outlast.faults.moment import Lookout
from outlast.faults.scene import Crowd, Scene
from outlast.history.history import PhaseName
from outlast.runner.abort import Abort
from outlast.runner.nemesis import Nemesis
from outlast.runner.schedule import Schedule, Strike
from outlast.runner.watch import LoadWatch
from outlast.stacks.stack import Node, Stack

LOOK_EVERY_S: Final = 0.02
"""While a moment is waited for."""
REST_S_MOST: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a schedule is carried out with. `tell` hears of a strike whose victims were found when it was due."""

    stack: Stack
    nemesis: Nemesis
    log: EventLog
    clock: Clock
    crowd: Callable[[Collection[str]], Crowd]
    tell: Callable[[Strike], None]
    seed: int
    slow_s: float
    abort: Abort | None = None


@dataclass(slots=True)
class Execution:
    """One schedule on one load. Harms that are in force when it raises are the nemesis' to take back."""

    terms: Terms
    schedule: Schedule
    start_ns: int
    watch: LoadWatch
    aborted: bool = False
    _waiting: list[Strike] = field(default_factory=list)
    _in_force: list[tuple[int, Strike]] = field(default_factory=list)
    """When each is to end, and it."""
    _healed_ns: dict[int, int] = field(default_factory=dict)
    _lookouts: dict[int, Lookout] = field(default_factory=dict)
    _phase: PhaseName = PhaseName.LOAD

    def carry_out(self) -> None:
        """Until every strike was done and healed, or given up. Raises LoadError, StackError, HealError."""
        self._waiting = list(self.schedule.strikes)
        self._enter(PhaseName.LOAD, self.schedule.load_s - self.schedule.steady_s)
        while self._waiting or self._in_force:
            if self._must_end():
                return
            self._heal_due()
            for strike in [strike for strike in self._waiting if self._ready(strike)]:
                self._attend(strike)
            if self._waiting or self._in_force:
                self.watch.pause(self._rest_s())

    def _must_end(self) -> bool:
        why = self.terms.abort.reason(self.watch.recent()) if self.terms.abort else None
        if why is None:
            return False
        self.aborted = True
        self.terms.log.write(RunAborted(at_ns=self._now_ns(), why=why))
        for strike in self._waiting:
            self.terms.nemesis.miss(strike, "the run was aborted before")
        if self._in_force:
            self._enter(PhaseName.HEAL)
            self.terms.nemesis.heal()
        return True

    def _heal_due(self) -> None:
        for ends_ns, strike in sorted(self._in_force, key=lambda due: (due[0], -due[1].number)):
            if ends_ns > self._now_ns():
                continue
            self._in_force.remove((ends_ns, strike))
            if not self._in_force and not self._waiting:
                self._enter(PhaseName.HEAL)
            self.terms.nemesis.heal(strike)
            self._healed_ns[strike.number] = self._now_ns()
            if not self._in_force and self._waiting:
                self._enter(PhaseName.LOAD)

    def _ready(self, strike: Strike) -> bool:
        before = [*self._waiting, *(one for _, one in self._in_force)]
        held_up = strike.after is not None and any(one.number == strike.after for one in before)
        return not held_up and self._now_ns() >= self._due_ns(strike)

    def _attend(self, strike: Strike) -> None:
        """Strike it, or give it up; with a moment, or not yet."""
        if strike.moment is None:
            victims, why = self._victims(strike, self._scene())
            healed_ns = self._healed_ns.get(strike.after or 0, 0)
            self._settle(strike, victims, why, max(self._due_ns(strike), healed_ns), "")
            return
        lookout = self._lookouts.setdefault(strike.number, strike.moment.lookout())
        scene = self._scene()
        victims, why = self._victims(strike, scene)
        told = None if why else lookout.come(scene, victims)
        if told is not None:
            self._settle(strike, victims, why, scene.now_ns, told)
        elif self._now_ns() >= self._due_ns(strike) + int(strike.patience_s * 1e9):
            why = why or f"{strike.moment.words} did not come about"
            self._settle(strike, (), f"{why} (waited {strike.patience_s:g} s)", 0, "")

    def _settle(self, strike: Strike, victims: tuple[Node, ...], why: str, scheduled_ns: int, moment: str) -> None:
        self._waiting.remove(strike)
        if why:
            self.terms.nemesis.miss(strike, why)
            return
        struck = replace(strike, nodes=victims)
        if strike.late is not None:
            self.terms.tell(struck)
        if self._phase is not PhaseName.FAULT:
            self._enter(PhaseName.FAULT, strike.for_s)
        ends_ns = 0 if strike.fault.instant else scheduled_ns + int(strike.for_s * 1e9)
        self._in_force.append((ends_ns, struck))
        self.terms.nemesis.strike(struck, scheduled_ns, moment)

    def _victims(self, strike: Strike, scene: Scene) -> tuple[tuple[Node, ...], str]:
        """Whom it strikes now; or nobody, and why."""
        if strike.late is None:
            return strike.nodes, ""
        try:
            return strike.late.find(scene, random.Random(f"{self.terms.seed}:strike:{strike.number}")), ""
        except OutlastError as error:
            return (), str(error).rstrip(".")

    def _scene(self) -> Scene:
        return Scene(
            stack=self.terms.stack,
            nodes=self.terms.stack.nodes(),
            now_ns=self._now_ns(),
            crowd=self.terms.crowd,
            struck=self.terms.nemesis.struck(),
            slow_s=self.terms.slow_s,
        )

    def _due_ns(self, strike: Strike) -> int:
        return self.start_ns + int(strike.at_s * 1e9)

    def _rest_s(self) -> float:
        """Until something is due, but no longer than that an abort is seen soon."""
        now_ns = self._now_ns()
        dues = [ends_ns for ends_ns, _ in self._in_force]
        dues += [due_ns for strike in self._waiting if (due_ns := self._due_ns(strike)) > now_ns]
        looking = any(strike.moment is not None and self._due_ns(strike) <= now_ns for strike in self._waiting)
        most_s = LOOK_EVERY_S if looking else REST_S_MOST
        return max(0.0, min([most_s, *((due_ns - now_ns) / 1e9 for due_ns in dues)]))

    def _now_ns(self) -> int:
        return self.terms.clock.now_ns()

    def _enter(self, phase: PhaseName, seconds: float | None = None) -> None:
        self._phase = phase
        self.terms.log.write(PhaseBegan(at_ns=self._now_ns(), name=phase, seconds=seconds))

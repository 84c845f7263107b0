"""What stands behind the fixture `conduct`: the runs of one pytest session, kept together, shown side by side."""

from __future__ import annotations

import datetime
import secrets
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from outlast.archive.event import StepTold
from outlast.archive.invocation import Invocation, new_invocation
from outlast.archive.run import RunFolder
from outlast.checkers.gates import limits_of
from outlast.checkers.promise import Promise
from outlast.checkers.verdict import Verdict, gravest
from outlast.clock import Clock, MonotonicClock
from outlast.declaration import Declaration
from outlast.drivers.catalogue import RECIPE_IN, driver_named
from outlast.drivers.front import Front
from outlast.errors import OutlastError, Unsupported
from outlast.faults.fault import Fault
from outlast.faults.sweep import sweep
from outlast.history.operation import Kind
from outlast.render.html import write_report
from outlast.render.index import write_index
from outlast.render.junit import write_junit
from outlast.render.summary import write_summary
from outlast.render.terminal import View, view
from outlast.runner.abort import Abort
from outlast.runner.conductor import Conductor, open_for, overridden
from outlast.runner.course import Course, courses_of, faults_in
from outlast.runner.experiment import Experiment
from outlast.runner.gates import gates_of
from outlast.runner.outcome import NothingProven, Outcome, PromiseBroken
from outlast.runner.preview import preview
from outlast.stacks.engine import choose
from outlast.stacks.lab import files as lab_files
from outlast.stacks.own import read_own
from outlast.stacks.own_rules import GatesSaid
from outlast.workloads.workload import Load


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user chose; None: not chosen."""

    reports: Path
    engine: str = "auto"
    seed: int | None = None
    sessions: int | None = None
    seconds: float | None = None
    stack: str | None = None
    quiet: bool = False
    allowed: tuple[str, ...] = ()
    """Hosts that are not loopback and may get the load."""
    dry: bool = False
    """Do all but the harm."""
    plan: bool = False
    """Say what would be done, and do nothing."""


class Planned(Exception):
    """What would be done was said; the test that asked for a run gets none."""


@dataclass(slots=True)
class Campaign:
    """All runs of one invocation: one seed, one engine, one folder, one exit code."""

    options: Options
    clock: Clock = field(default_factory=MonotonicClock)
    today: Callable[[], datetime.date] = datetime.date.today
    """The day on which waivers are looked at."""
    plans: list[str] = field(default_factory=list)
    _conductor: Conductor | None = None
    _came_to: list[Verdict] = field(default_factory=list)
    _seed: int = 0
    _view: View | None = None

    def run(self, experiment: Callable[[int], Experiment]) -> Outcome:
        """Do one run and draw its report. Raises what `Conductor.conduct` raises; Planned instead of a run if only a
        plan is wanted."""
        if self.options.plan:
            self._plan(experiment)
            raise Planned
        conductor = self._conductor or self._begin(experiment(0).name)
        chosen = overridden(experiment(self._seed), self.options.sessions, self.options.seconds)
        before = set(conductor.invocation.runs)
        try:
            outcome = conductor.conduct(chosen)
        finally:
            for run in conductor.invocation.runs:
                if run not in before:
                    _draw(run)
        self._came_to.append(outcome.came_to)
        return outcome

    def note(self, error: BaseException) -> None:
        """A test raised: what that comes to counts as well."""
        if isinstance(error, NothingProven):
            self._came_to.append(Verdict.INCONCLUSIVE)
        elif isinstance(error, PromiseBroken | AssertionError):
            self._came_to.append(Verdict.FAIL)
        elif not isinstance(error, Unsupported | Planned):
            self._came_to.append(Verdict.ERROR)

    @property
    def came_to(self) -> Verdict:
        """The gravest of all runs; of none, inconclusive."""
        return gravest(self._came_to)

    @property
    def invocation(self) -> Invocation | None:
        """Where the runs are; None when none was begun."""
        return self._conductor.invocation if self._conductor else None

    def finish(self) -> None:
        """Draw what shows all runs together."""
        if self._conductor is None:
            return
        invocation = self._conductor.invocation
        write_index(invocation)
        write_junit(invocation)
        write_summary(invocation)
        if self._view is not None:
            self._view.finish(invocation)

    def _plan(self, experiment: Callable[[int], Experiment]) -> None:
        self._seed = self._seed or self._chosen_seed()
        engine, reason = choose(self.options.engine, build=False)
        chosen = overridden(experiment(self._seed), self.options.sessions, self.options.seconds)
        with tempfile.TemporaryDirectory(prefix="outlast-plan-") as folder:
            stack = open_for(chosen, engine, "plan", Path(folder), lambda text: None)
            self.plans.append(preview(chosen, stack, reason))

    def _chosen_seed(self) -> int:
        return secrets.randbelow(2**31) if self.options.seed is None else self.options.seed

    def _begin(self, experiment: str) -> Conductor:
        self._seed = self._chosen_seed()
        shown = self._view = view(quiet=self.options.quiet)

        def tell(text: str) -> None:
            shown.see(StepTold(at_ns=self.clock.now_ns(), text=text))

        engine, reason = choose(self.options.engine, tell)
        for done in sweep(self.options.reports):
            tell(f"a dead run had left this behind: {done}")
        invocation = new_invocation(self.options.reports, experiment, self._seed)
        self._conductor = Conductor(invocation, engine, reason, self.clock, (shown.see,))
        return self._conductor


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """The callable that an experiment is given."""

    campaign: Campaign
    name: str
    hypothesis: str
    architecture: str
    declaration: Declaration | None

    def __call__(
        self,
        *,
        faults: Sequence[Fault | Course] = (),
        load: Load | None = None,
        gates: Mapping[str, float | None] | None = None,
        not_tested: Sequence[str] = (),
        abort: Abort | None = None,
    ) -> Outcome:
        """Do one run: this architecture, under this load, with these faults.

        A fault by itself strikes in the middle of the load; `at`, `sequence`, `overlapping`, `randomly`, `when` and
        `during_slow_request` say otherwise. `abort`: when to heal at once and end the run.

        Raises UsageError for an unknown architecture, Unsupported (the test is skipped with its reason) where the
        engine cannot do what is asked, OutlastError when the run could not be done.
        """
        stack = self.campaign.options.stack
        own = read_own(Path(stack)) if stack else None
        promise = None if own else self._promise()
        courses = courses_of(faults)
        chosen, said, lacking = load or Load(), GatesSaid({}, ()), tuple[str, ...]()
        if own:
            chosen = _loaded(chosen, own.rules.load)
            said = own.rules.gates_of(self.name, self.campaign.today())
            limits_of(said.gates)  # raises for a name that is no gate, or one that nobody may waive
            Front(**own.front).context()  # raises for a file that holds no certificates
            lacking = (*said.notes, *_lacking(own.driver))
        return self.campaign.run(
            lambda seed: Experiment(
                name=self.name,
                hypothesis=self.hypothesis,
                architecture=own.name if own else self.architecture,
                driver=own.driver if own else "lab",
                own=own,
                allowed_targets=self.campaign.options.allowed,
                courses=courses,
                load=chosen,
                seed=seed,
                promise=promise,
                gates=gates_of(tuple(faults_in(courses)), {**(gates or {}), **said.gates}),
                not_tested=(*not_tested, *lacking),
                abort=abort,
                dry=self.campaign.options.dry,
                command=self._command(seed),
            )
        )

    def _promise(self) -> Promise | None:
        lab_files(self.architecture)  # raises for one that the lab lacks, before anything else is said about it
        if self.declaration is None:
            return None
        promise = self.declaration.promises.get(self.architecture)
        if promise is None:
            raise Unsupported(f"{self.name} says nothing about {self.architecture}: it has no such part to break.")
        return promise

    def _command(self, seed: int) -> str:
        options = self.campaign.options
        target = ["--stack", options.stack] if options.stack else ["--architecture", self.architecture]
        words = ["outlast run", self.name, *target, "--engine", options.engine, "--seed", str(seed)]
        if options.sessions is not None:
            words += ["--sessions", str(options.sessions)]
        if options.seconds is not None:
            words += ["--seconds", f"{options.seconds:g}"]
        if options.dry:
            words.append("--dry-run")
        return " ".join(words)


def _loaded(load: Load, rules: Mapping[str, float]) -> Load:
    """The experiment's load as the user's own stack can bear it; so many users share its sessions as fit."""
    chosen: dict[str, Any] = {**rules}
    if "sessions" in chosen and "users" not in chosen:
        chosen["users"] = min(load.users, int(chosen["sessions"]))
    return replace(load, **chosen)


def _lacking(driver: str) -> tuple[str, ...]:
    """What a recipe does not offer, and so is not judged."""
    if not driver.startswith(RECIPE_IN):
        return ()
    can = driver_named(driver).can
    told = {
        Kind.WRITE: "lost and stale values: the recipe has no write",
        Kind.INCREMENT: "lost updates and double execution: the recipe has no increment",
        Kind.LOGOUT: "revocation: the recipe has no logout",
    }
    return tuple(sentence for kind, sentence in told.items() if kind not in can)


def _draw(run: RunFolder) -> None:
    write_report(run)


__all__ = ["Campaign", "Conduct", "Options", "OutlastError"]

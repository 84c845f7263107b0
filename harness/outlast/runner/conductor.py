"""Conducts an experiment: a stack of its own, the run, the verdict, the archive, and nothing left behind."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from outlast.archive.event import Event, RunBegan, RunEnded, StepTold
from outlast.archive.events import EVENTS_FILE, EventLog
from outlast.archive.invocation import Invocation
from outlast.archive.plan import PLAN_FILE, Plan, PlannedFault, write_plan
from outlast.archive.run import REPORT_FILE, RunFolder
from outlast.checkers.promise import promise_document
from outlast.clock import Clock
from outlast.errors import HealError, OutlastError, Unsupported, UsageError
from outlast.faults.guard import guarded
from outlast.faults.ledger import Ledger
from outlast.runner.course import faults_in
from outlast.runner.experiment import Experiment
from outlast.runner.interrupts import deferred_interrupts
from outlast.runner.judging import broken_document, judge_run
from outlast.runner.outcome import Outcome
from outlast.runner.runner import Run
from outlast.runner.schedule import Schedule, Strike, schedule_of
from outlast.stacks.engine import open_own, open_stack
from outlast.stacks.powers import nodes_of
from outlast.stacks.stack import Stack

LEDGER_FILE = "ledger.ndjson"


@dataclass(frozen=True, slots=True)
class Conductor:
    """What is the same for all runs of an invocation."""

    invocation: Invocation
    engine: str
    engine_reason: str
    clock: Clock
    watchers: tuple[Callable[[Event], None], ...] = ()

    def conduct(self, experiment: Experiment) -> Outcome:
        """Experiment -> outcome; everything started is gone when it returns or raises, and what was recorded stays.

        Raises Unsupported before anything is started when the engine lacks a power that a fault needs; OutlastError
        when the run could not be done; KeyboardInterrupt when the user stopped it.
        """
        folder = self.invocation.new_run(experiment.architecture)
        run_id = secrets.token_hex(4)
        with EventLog(folder.path / EVENTS_FILE, self.watchers) as log:
            self._tell_begin(log, experiment, run_id)
            _must_have_consent(experiment)
            stack = self._open(experiment, run_id, folder, log)
            _must_have_powers(stack, experiment)
            self._write_plan(folder, experiment, run_id, None)
            schedule = schedule_of(experiment.courses, experiment.load, nodes_of(stack), experiment.seed)
            self._write_plan(folder, experiment, run_id, schedule)
            heal_error: HealError | None = None
            try:
                with self._standing(stack, folder, log) as ledger:
                    found = _Found(schedule, lambda plan: self._write_plan(folder, experiment, run_id, plan))
                    try:
                        Run(experiment, stack, folder, ledger, log, self.clock, found).perform(schedule)
                    except HealError as error:
                        heal_error = error
            except (OutlastError, KeyboardInterrupt) as error:
                self._record_error(folder, log, error)
                raise
            self._step(log, "judging")
            document = broken_document(folder, str(heal_error)) if heal_error else judge_run(folder).document
            folder.write_verdict(document)
            outcome = Outcome(document, folder.path)
            self._tell_end(log, outcome)
        if heal_error is not None:
            raise heal_error
        return outcome

    def _open(self, experiment: Experiment, run_id: str, folder: RunFolder, log: EventLog) -> Stack:
        def tell(text: str) -> None:
            self._step(log, text)

        return open_for(experiment, self.engine, run_id, folder.path, tell)

    @contextlib.contextmanager
    def _standing(self, stack: Stack, folder: RunFolder, log: EventLog) -> Iterator[Ledger]:
        """The stack, up; its logs and facts are kept and it is taken down, whatever happens in between."""
        with guarded(folder.path / LEDGER_FILE, stack.run_id, stack.engine) as ledger:
            try:
                self._step(log, f"starting the stack on the {stack.engine} engine")
                stack.start()
                yield ledger
            finally:
                with deferred_interrupts():
                    self._step(log, "taking the stack down")
                    _keep_evidence(stack, folder)
                    stack.remove()

    def _write_plan(self, folder: RunFolder, experiment: Experiment, run_id: str, schedule: Schedule | None) -> None:
        plan = Plan(
            experiment=experiment.name,
            hypothesis=experiment.hypothesis,
            architecture=experiment.architecture,
            engine=self.engine,
            engine_reason=self.engine_reason,
            seed=experiment.seed,
            run_id=run_id,
            load=asdict(experiment.load),
            faults=tuple(_planned(strike) for strike in (schedule.strikes if schedule else ())),
            promise=promise_document(experiment.promise) if experiment.promise else None,
            gates=dict(experiment.gates),
            rate_floor=experiment.load.rate_floor,
            not_tested=experiment.not_tested,
            dry=experiment.dry,
            command=experiment.command,
        )
        write_plan(folder.path / PLAN_FILE, plan)

    def _record_error(self, folder: RunFolder, log: EventLog, error: BaseException) -> None:
        sentence = str(error) or (
            "stopped by the user" if isinstance(error, KeyboardInterrupt) else type(error).__name__
        )
        document = broken_document(folder, sentence)
        folder.write_verdict(document)
        self._tell_end(log, Outcome(document, folder.path))

    def _tell_begin(self, log: EventLog, experiment: Experiment, run_id: str) -> None:
        log.write(
            RunBegan(
                at_ns=self.clock.now_ns(),
                wall_ns=time.time_ns(),
                seed=experiment.seed,
                experiment=experiment.name,
                architecture=experiment.architecture,
                engine=self.engine,
                engine_reason=self.engine_reason,
                run_id=run_id,
                seconds_planned=experiment.load.seconds,
            )
        )

    def _tell_end(self, log: EventLog, outcome: Outcome) -> None:
        expectation = outcome.document.get("expectation") or {}
        log.write(
            RunEnded(
                at_ns=self.clock.now_ns(),
                verdict=outcome.verdict,
                kept=expectation.get("kept"),
                sentence="; ".join(outcome.document.get("reasons", ())),
                report=str(outcome.folder / REPORT_FILE),
            )
        )

    def _step(self, log: EventLog, text: str) -> None:
        log.write(StepTold(at_ns=self.clock.now_ns(), text=text))


def open_for(experiment: Experiment, engine: str, run_id: str, folder: Path, tell: Callable[[str], None]) -> Stack:
    """The stack of an experiment, not yet started; raises what `open_own` and `open_stack` raise."""
    if experiment.own is not None:
        return open_own(engine, experiment.own, run_id, folder, tell)
    return open_stack(engine, experiment.architecture, run_id, folder, tell)


class _Found:
    """Hears of victims that were found when they were struck, and puts them into the plan."""

    def __init__(self, schedule: Schedule, write: Callable[[Schedule], None]) -> None:
        self._schedule = schedule
        self._write = write

    def __call__(self, struck: Strike) -> None:
        strikes = tuple(struck if strike.number == struck.number else strike for strike in self._schedule.strikes)
        self._schedule = replace(self._schedule, strikes=strikes)
        self._write(self._schedule)


def _planned(strike: Strike) -> PlannedFault:
    return PlannedFault(
        name=strike.fault.name,
        nodes=tuple(node.name for node in strike.nodes),
        at_s=strike.at_s,
        for_s=strike.for_s,
        aim=strike.late.how if strike.late else "",
        moment=strike.moment.words if strike.moment else "",
        patience_s=strike.patience_s if strike.moment else None,
    )


def _must_have_consent(experiment: Experiment) -> None:
    """What cannot be undone is done to the lab freely, to a user's own stack only by name."""
    if experiment.own is None:
        return
    for fault in faults_in(experiment.courses):
        if fault.irreversible and fault.name not in experiment.own.allow:
            raise UsageError(
                f"{fault.name} cannot be undone; to have it done to {experiment.own.name}, "
                f"write `allow: [{fault.name}]` into its outlast.yaml."
            )


def _must_have_powers(stack: Stack, experiment: Experiment) -> None:
    for fault in faults_in(experiment.courses):
        for power in fault.needs:
            reason = stack.unsupported(power)
            if reason is not None:
                raise Unsupported(reason)


def _keep_evidence(stack: Stack, folder: RunFolder) -> None:
    """Logs and facts; a node that cannot be asked any more must not keep the stack from being taken down."""
    with contextlib.suppress(OutlastError, OSError):
        folder.write_environment(stack.environment())
    for node in nodes_of(stack):
        with contextlib.suppress(OutlastError, OSError):
            folder.write_log(node.name, stack.logs(node))


def overridden(experiment: Experiment, sessions: int | None, seconds: float | None) -> Experiment:
    """The same experiment with what the user chose on the command line."""
    load = experiment.load
    if sessions is not None:
        load = replace(load, sessions=sessions, users=min(load.users, sessions))
    if seconds is not None:
        load = replace(load, seconds=seconds)
    return replace(experiment, load=load)

"""One run from start to archive: steady, load, fault, heal, settle, audit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from outlast.archive.event import PhaseBegan, StepTold
from outlast.archive.events import EventLog
from outlast.archive.run import RunFolder
from outlast.clock import Clock
from outlast.errors import StackError
from outlast.faults.fault import prepare
from outlast.faults.ledger import Ledger
from outlast.history.history import PhaseName
from outlast.runner.execution import Execution, Terms
from outlast.runner.experiment import Experiment
from outlast.runner.nemesis import DryNemesis, Nemesis
from outlast.runner.schedule import Schedule, Strike
from outlast.runner.watch import LoadWatch
from outlast.stacks.powers import nodes_of
from outlast.stacks.stack import Address, Role, Stack
from outlast.workloads.launch import LoadProcess
from outlast.workloads.status import AuditReport, LoginReport

CALM_S = 5.0
"""Recovery is the first instant after which for so long nothing fails (formats.md 2)."""


class Run:
    """One experiment on one stack; `perform` is the whole of it. `found` hears of late victims."""

    def __init__(
        self,
        experiment: Experiment,
        stack: Stack,
        folder: RunFolder,
        ledger: Ledger,
        log: EventLog,
        clock: Clock,
        found: Callable[[Strike], None] = lambda strike: None,
    ) -> None:
        self._experiment = experiment
        self._stack = stack
        self._folder = folder
        self._log = log
        self._clock = clock
        self._found = found
        self._nemesis = (DryNemesis if experiment.dry else Nemesis)(stack, ledger, log, clock)

    def perform(self, schedule: Schedule) -> None:
        """Drive the load, break, heal, ask every session again. The stack is up; the journal is kept whatever happens.

        Raises LoadError, StackError, HealError; heals first in each case.
        """
        load = self._experiment.load
        for strike in schedule.strikes:
            for node in strike.nodes:
                prepare(strike.fault, self._stack, node)
        with self._load_process() as process:
            self._log.write(StepTold(at_ns=self._clock.now_ns(), text=f"logging in {load.sessions} sessions"))
            _must_be_complete(process.log_in())
            start_ns = self._clock.now_ns() + 200_000_000
            process.begin(start_ns)
            with LoadWatch(process, self._log, self._clock) as watch:
                self._phase(PhaseName.STEADY, schedule.steady_s, at_ns=start_ns)
                watch.wait_until(start_ns, schedule.steady_s)
                execution = Execution(self._terms(process), schedule, start_ns, watch)
                try:
                    execution.carry_out()
                finally:
                    self._nemesis.heal()
                self._settle(start_ns, schedule, watch, execution.aborted)
            process.stop()
            self._phase(PhaseName.AUDIT)
            report = process.audit(self._replicas())
            self._log.write(StepTold(at_ns=self._clock.now_ns(), text=_told(report)))

    def _terms(self, process: LoadProcess) -> Terms:
        return Terms(
            stack=self._stack,
            nemesis=self._nemesis,
            log=self._log,
            clock=self._clock,
            crowd=process.glance,
            tell=self._found,
            seed=self._experiment.seed,
            slow_s=self._experiment.load.slow_s,
            abort=self._experiment.abort,
        )

    def _settle(self, start_ns: int, schedule: Schedule, watch: LoadWatch, aborted: bool) -> None:
        """Go on under load until nothing failed for as long as recovery asks, or the patience is at its end."""
        healed_ns = self._clock.now_ns()
        self._phase(PhaseName.SETTLE, CALM_S if schedule.strikes else None)
        if not aborted:
            watch.wait_until(start_ns, schedule.load_s)
        if schedule.strikes:
            watch.wait_calm(healed_ns, CALM_S + 0.5, self._experiment.load.settle_s_max)

    def _replicas(self) -> dict[str, Address]:
        answering = [node for node in nodes_of(self._stack) if node.role in (Role.REPLICA, Role.SPARE)]
        addresses = {node.name: self._stack.address(node) for node in answering}
        return {name: address for name, address in addresses.items() if address is not None}

    def _phase(self, name: PhaseName, seconds: float | None = None, at_ns: int | None = None) -> None:
        self._log.write(PhaseBegan(at_ns=self._clock.now_ns() if at_ns is None else at_ns, name=name, seconds=seconds))

    @contextmanager
    def _load_process(self) -> Iterator[LoadProcess]:
        process = LoadProcess(
            folder=self._folder.path,
            load=self._experiment.load,
            door=self._stack.door(),
            driver=self._experiment.driver,
            seed=self._experiment.seed,
            front=self._experiment.front,
            allowed=self._experiment.allowed_targets,
            run_id=self._stack.run_id,
        )
        try:
            process.start()
            yield process
        finally:
            process.close()


def _must_be_complete(report: LoginReport) -> None:
    if not report.complete:
        raise StackError(
            f"Only {report.logged_in} of {report.wanted} sessions could log in before the load began; "
            "look at the nodes' logs of this run, or ask for fewer sessions."
        )


def _told(report: AuditReport) -> str:
    left = report.not_asked + report.logged_out_not_asked
    rest = f"; {left} could not be asked in time" if left else ""
    return f"asked {report.asked} held and {report.logged_out_asked} logged-out sessions again{rest}"

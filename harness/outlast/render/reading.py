"""All that one run's pages are drawn from, read from disk once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from outlast.archive.event import Event, FaultHealed, FaultStruck, RunBegan
from outlast.archive.plan import Plan
from outlast.archive.run import RunFolder
from outlast.checkers.verdict import Verdict
from outlast.errors import OutlastError
from outlast.history.history import FaultWindow, History, Phase
from outlast.render.document import Document, document_of
from outlast.render.plain import plain

_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One run. `missing` says in sentences what of it could not be read: an old or damaged run still opens."""

    path: Path
    document: Document
    plan: Plan | None = None
    history: History | None = None
    events: tuple[Event, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    logs: Mapping[str, Path] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What a table calls this run: its architecture, or its folder where none is told."""
        return self.document.architecture or plain(self.path.name, 80)

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The phases as recorded; empty when the history could not be read."""
        return self.history.header.phases if self.history else ()

    @property
    def faults(self) -> tuple[FaultWindow, ...]:
        """The fault windows with their proof."""
        return self.history.header.faults if self.history else ()

    @property
    def began(self) -> RunBegan | None:
        """The first event: it ties the run's clock to the wall clock."""
        return next((event for event in self.events if isinstance(event, RunBegan)), None)

    def struck(self) -> tuple[FaultStruck, ...]:
        """The onsets as the harness wrote them down."""
        return tuple(event for event in self.events if isinstance(event, FaultStruck))

    def healed(self) -> tuple[FaultHealed, ...]:
        """The ends as the harness wrote them down."""
        return tuple(event for event in self.events if isinstance(event, FaultHealed))

    @property
    def zero_ns(self) -> int:
        """The instant that pages call 0 s: the first request, as in the sentences of the judge."""
        if self.history and len(self.history.columns):
            return int(self.history.columns.invoked_ns.min())
        if self.phases:
            return self.phases[0].start_ns
        return self.events[0].at_ns if self.events else 0


def document_at(run: RunFolder) -> Document:
    """The verdict of a run; of one that was never judged, an error that says so."""
    try:
        return document_of(run.verdict())
    except OutlastError as error:
        reason = plain(f"it was not judged, {error}")
        try:
            plan = run.plan()
        except OutlastError:
            return Document(verdict=Verdict.ERROR, reasons=(reason,))
        return Document(
            verdict=Verdict.ERROR,
            reasons=(reason,),
            seed=plan.seed,
            experiment=plain(plan.experiment, 120),
            architecture=plain(plan.architecture, 120),
            engine=plain(plan.engine, 40),
        )


def read(run: RunFolder) -> Reading:
    """Run folder -> Reading; never raises for what is missing or damaged in it."""
    missing: list[str] = []

    def attempt(what: str, part: Callable[[], _Part], otherwise: _Part) -> _Part:
        try:
            return part()
        except (OutlastError, OSError, ValueError) as error:
            missing.append(plain(f"The {what} could not be read: {error}"))
            return otherwise

    return Reading(
        path=run.path,
        document=document_at(run),
        plan=attempt("plan", run.plan, None),
        history=attempt("history", run.history, None),
        events=attempt("events", run.events, ()),
        environment=attempt("environment", run.environment, {}),
        logs=attempt("logs", run.logs, {}),
        missing=tuple(missing),
    )

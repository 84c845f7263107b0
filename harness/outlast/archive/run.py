"""One run on disk: what `outlast check RUN` and `outlast report RUN` read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from outlast.archive.event import (
    Event,
    FaultHealed,
    FaultMissed,
    FaultStruck,
    PhaseBegan,
    RunAborted,
    RunEnded,
    StepTold,
)
from outlast.archive.events import EVENTS_FILE, read_events
from outlast.archive.plan import PLAN_FILE, Plan, read_plan
from outlast.errors import FormatError, OutlastError
from outlast.history.history import FaultWindow, Header, History, Phase
from outlast.history.journal import JOURNAL_FILE, read_journal

VERDICT_FILE: Final = "verdict.json"
ENVIRONMENT_FILE: Final = "environment.json"
REPORT_FILE: Final = "report.html"
LOGS: Final = "logs"


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A folder `reports/<invocation>/<architecture>/`. Each part is read when asked for; all raise FormatError."""

    path: Path

    @staticmethod
    def is_one(path: Path) -> bool:
        """Whether a folder holds a run."""
        return (path / PLAN_FILE).is_file()

    def plan(self) -> Plan:
        """What was to be done."""
        return read_plan(self.path / PLAN_FILE)

    def events(self) -> tuple[Event, ...]:
        """What the harness wrote down while it went on."""
        return read_events(self.path / EVENTS_FILE)

    def history(self) -> History:
        """The operations of the journal under the phases and fault windows of the events."""
        return History(header_of(self.plan(), self.events()), read_journal(self.path / JOURNAL_FILE))

    def verdict(self) -> dict[str, Any]:
        """verdict.json, as formats.md 3 has it."""
        return _object(self.path / VERDICT_FILE)

    def environment(self) -> dict[str, str]:
        """Versions, images, configuration hash."""
        file = self.path / ENVIRONMENT_FILE
        return {str(k): str(v) for k, v in _object(file).items()} if file.exists() else {}

    def logs(self) -> dict[str, Path]:
        """Node name -> its log."""
        return {file.stem: file for file in sorted((self.path / LOGS).glob("*.log"))}

    def write_verdict(self, document: Mapping[str, Any]) -> None:
        """Replaces verdict.json in one step: a reader sees the old or the new one, never half of it."""
        draft = self.path / f".{VERDICT_FILE}"
        _write(draft, json.dumps(document, indent=1) + "\n")
        draft.replace(self.path / VERDICT_FILE)

    def write_environment(self, environment: Mapping[str, str]) -> None:
        """Versions, images, configuration hash -> environment.json."""
        _write(self.path / ENVIRONMENT_FILE, json.dumps(dict(environment), indent=1) + "\n")

    def write_log(self, node: str, text: str) -> None:
        """What a node printed -> logs/<node>.log; nothing for one that printed nothing, such as one in reserve."""
        if not text:
            return
        folder = self.path / LOGS
        folder.mkdir(exist_ok=True)
        _write(folder / f"{node}.log", text)


def header_of(plan: Plan, events: tuple[Event, ...]) -> Header:
    """Plan and events -> the header of the run's history.

    A phase ends where the next begins; the last one with the first step that follows it (taking the stack down).
    """
    begun = [event for event in events if isinstance(event, PhaseBegan)]
    starts = [event.at_ns for event in begun]
    last = events.index(begun[-1]) if begun else 0
    after = (event.at_ns for event in events[last:] if isinstance(event, StepTold | RunEnded))
    ended = next(after, events[-1].at_ns if events else 0)
    phases = [
        Phase(event.name, start, end) for event, (start, end) in zip(begun, pairwise([*starts, ended]), strict=True)
    ]
    return Header(
        seed=plan.seed,
        guarantee=plan.guarantee,
        ttl_s=plan.ttl_s,
        ttl_refresh=plan.ttl_refresh,
        granularity_s=plan.granularity_s,
        max_sessions_per_user=plan.max_sessions_per_user,
        phases=tuple(phases),
        faults=_windows(events),
        reservations=tuple(_reservations(plan, events)),
    )


def _windows(events: tuple[Event, ...]) -> tuple[FaultWindow, ...]:
    """A strike ends with the first heal after it that is of its number; the same node may be struck more than once."""
    healed = [e for e in events if isinstance(e, FaultHealed)]
    windows = []
    for struck in (e for e in events if isinstance(e, FaultStruck)):
        mark = (struck.number, struck.fault, struck.nodes)
        heal = next((e for e in healed if (e.number, e.fault, e.nodes) == mark), None)
        if heal is not None:
            healed.remove(heal)
        windows.append(
            FaultWindow(
                name=struck.fault,
                nodes=struck.nodes,
                start_ns=struck.onset_ns,
                end_ns=heal.end_ns if heal else None,
                proven=struck.proven,
                healed=heal.healed if heal else False,
                onset_error_ms=struck.onset_error_ms,
                proof=f"{struck.moment}; {struck.evidence}" if struck.moment else struck.evidence,
                heal_proof=heal.evidence if heal else "",
            )
        )
    return tuple(windows)


def _reservations(plan: Plan, events: tuple[Event, ...]) -> Iterator[str]:
    if plan.dry:
        yield "dry run: no fault was injected"
    for event in events:
        if isinstance(event, RunAborted):
            yield f"the run was aborted: {event.why}"
        elif isinstance(event, FaultMissed) and not plan.dry:
            where = f"{event.fault} of {', '.join(event.nodes)}" if event.nodes else event.fault
            yield f"{where}: it was not done, {event.why}"


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError as error:
        raise OutlastError(f"{path} cannot be written ({error.strerror}); free some space.") from error


def _object(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text())
    except OSError as error:
        raise FormatError(str(path), None, f"cannot be read ({error.strerror}).") from error
    except ValueError as error:
        raise FormatError(str(path), None, f"is not JSON ({error}).") from error
    if not isinstance(value, dict):
        raise FormatError(str(path), None, "is not a JSON object.")
    return value

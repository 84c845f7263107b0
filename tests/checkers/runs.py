"""A run with phases and a fault, so that a test tells only what matters: instants in seconds."""

from __future__ import annotations

from typing import Any

from tests.checkers.operations import op

from outlast.checkers.judge import judge
from outlast.checkers.judgement import Judgement
from outlast.history.columns import Columns
from outlast.history.history import FaultWindow, Header, History, Phase, PhaseName
from outlast.history.operation import Operation

S = 1_000_000_000
STEADY, ONSET, HEAL, SETTLE, AUDIT, END = 0, 5, 8, 9, 15, 20
"""When each phase of the run begins; the fault is in force from ONSET to HEAL."""


def at(start: float, end: float | None = None) -> tuple[int, int]:
    """Seconds -> an interval; a tenth of a second unless told otherwise."""
    return round(start * S), round((start + 0.1 if end is None else end) * S)


def killed(*nodes: str, **told: Any) -> FaultWindow:
    """A fault that was proven and healed, of app-1 unless told otherwise."""
    fields: dict[str, Any] = {"name": "kill", "nodes": nodes or ("app-1",), "start_ns": ONSET * S, "end_ns": HEAL * S}
    return FaultWindow(**{**fields, "proven": True, "healed": True, **told})


def header(*faults: FaultWindow, **told: Any) -> Header:
    """The header of a run with these faults."""
    starts = (STEADY, ONSET, HEAL, SETTLE, AUDIT, END)
    names = (PhaseName.STEADY, PhaseName.FAULT, PhaseName.HEAL, PhaseName.SETTLE, PhaseName.AUDIT)
    phases = tuple(Phase(n, a * S, b * S) for n, a, b in zip(names, starts, starts[1:], strict=False))
    return Header(**{"phases": phases, "faults": faults, **told})


def run(*operations: Operation, faults: tuple[FaultWindow, ...] | None = None, **judging: Any) -> Judgement:
    """Operations of a run in which app-1 was killed -> judgement."""
    told = {name: judging.pop(name) for name in ("guarantee", "ttl_s", "reservations") if name in judging}
    head = header(*((killed(),) if faults is None else faults), **told)
    return judge(History(head, Columns.of(operations)), **judging)


def session(name: str, replica: str = "app-1", user: str | None = None) -> list[Operation]:
    """A session that logged in and was alive before the fault, on a replica."""
    told = {"session": name, "replica": replica, "user": user or f"user of {name}"}
    return [op("login", at(0.5), **told), op("read", at(1.5), seen="alive", **told)]


def later(name: str, seen: str | None, when: float = 16, replica: str = "app-2", **told: Any) -> Operation:
    """What an answer after the fault showed of it."""
    return op("read", at(when), session=name, seen=seen, replica=replica, **told)

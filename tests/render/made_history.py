"""A few operations as a history, for tests of one rule."""

from __future__ import annotations

from typing import Any

from outlast.history.columns import Columns
from outlast.history.history import FaultWindow, Header, History, Phase, PhaseName
from outlast.history.operation import Kind, Operation, Outcome, Seen

MS = 1_000_000


def asked(session: str, at_ms: float, seen: Seen | None = Seen.ALIVE, took_ms: float = 1, **more: Any) -> Operation:
    """A read; `seen` None: it was never answered."""
    fields: dict[str, Any] = {
        "op": Kind.READ,
        "session": session,
        "client": 0,
        "invoked_ns": int(at_ms * MS),
        "returned_ns": None if seen is None else int((at_ms + took_ms) * MS),
        "outcome": Outcome.UNKNOWN if seen is None else Outcome.OK,
        "seen": seen,
    }
    return Operation(**{**fields, **more})


def history(*operations: Operation, faults: tuple[FaultWindow, ...] = (), phases: tuple[Phase, ...] = ()) -> History:
    """Operations -> history."""
    return History(Header(faults=faults, phases=phases), Columns.of(operations))


def kill(at_ms: float, until_ms: float | None, node: str = "app-2") -> FaultWindow:
    """A proven kill."""
    end_ns = None if until_ms is None else int(until_ms * MS)
    return FaultWindow(name="kill", nodes=(node,), start_ns=int(at_ms * MS), end_ns=end_ns, proven=True, healed=True)


def phase(name: PhaseName, start_ms: float, end_ms: float) -> Phase:
    """A phase in milliseconds."""
    return Phase(name, int(start_ms * MS), int(end_ms * MS))

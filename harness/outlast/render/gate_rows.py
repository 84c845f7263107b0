"""The gates as table rows: limit, value, and the evidence behind each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from outlast.checkers.anomaly import Anomaly
from outlast.render.document import Count, Document, Gate, meaning
from outlast.render.words import count, milliseconds, seconds, several, share

_SESSIONS: Final = "#sessions"
_TIMELINE: Final = "#timeline"
_KEY: Final = frozenset({"lost-session", "lost-write", "lost-update", "session-leak", "resurrected-session"})
"""Told even when nothing was found: what everybody looks for."""
_OF_SESSIONS: Final = frozenset(anomaly.value for anomaly in Anomaly) - {"failed-request"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRow:
    """One gate, or an anomaly that was found and has none (`ok` None, `limit` empty). `counted_in`: where to look."""

    name: str
    meaning: str
    limit: str
    value: str
    trials: str
    per_session: str
    per_fault: str
    ok: bool | None
    counted_in: str
    quiet: bool
    """Met, with nothing found, and not among those that everybody looks for."""


def gate_rows(document: Document) -> tuple[GateRow, ...]:
    """The gates, those that were not met first; then what was found without a gate."""
    gates = sorted(document.gates, key=lambda gate: (gate.ok is not False, gate.ok is True))
    gated = {gate.name for gate in gates}
    found = [item for item in document.anomalies.values() if item.found and item.name not in gated]
    loose = [Gate(name=item.name, limit=None, value=float(item.found), ok=None) for item in found]
    return tuple(_row(gate, document) for gate in (*gates, *loose))


def _row(gate: Gate, document: Document) -> GateRow:
    item = document.anomalies.get(gate.name)
    allowed = f", {count(item.allowed)} more allowed" if item and item.allowed else ""
    return GateRow(
        name=gate.name,
        meaning=meaning(gate.name),
        limit="" if gate.limit is None else _number(gate.name, gate.limit, gate.limit),
        value=_number(gate.name, gate.value, gate.limit) + allowed,
        trials=_trials(gate.name, item, document),
        per_session=share(item.per_session) if item else "",
        per_fault=share(item.per_fault) if item else "",
        ok=gate.ok,
        counted_in=_SESSIONS if gate.name in _OF_SESSIONS else _TIMELINE,
        quiet=gate.ok is True and not gate.value and gate.name in _OF_SESSIONS - _KEY and not (item and item.found),
    )


def _number(name: str, value: float | None, limit: float | None) -> str:
    """By the unit in the name; a limit between 0 and 1 is a share."""
    if name.endswith("_s"):
        return seconds(value)
    if name.endswith("_ms"):
        return milliseconds(value)
    if limit is not None and 0 < limit < 1:
        return share(value, 2)
    return count(value)


def _trials(name: str, item: Count | None, document: Document) -> str:
    if name == Anomaly.FAILED_REQUEST:
        operations = document.counts.get("operations")
        return "" if operations is None else several(operations, "request")
    at_risk = document.at_risk() if item and item.per_session is not None else None
    return "" if at_risk is None else f"{several(at_risk, 'session')} at risk"

"""Each finding's witness, judged alone again: a witness that does not give its anomaly again proves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.checkers.fuzz import batch
from tests.checkers.models import LIFECYCLE, REGISTER

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.judge import judge
from outlast.checkers.judgement import Finding
from outlast.history.columns import Columns
from outlast.history.history import History
from outlast.history.operation import Operation

SMALL = ("register", "session-order", "life", "lifecycle")
"""Models whose witnesses have at most six operations."""
WHOLE = ("mixed-counter",)
"""Models whose witness is a session's whole counter: nothing smaller need fail."""


@dataclass(frozen=True)
class Shown:
    """A finding and the operations that it shows."""

    finding: Finding
    operations: tuple[Operation, ...]
    proves: bool
    small: bool


def witnesses(name: str, seed: int, sessions: int) -> Sequence[Shown]:
    """A batch of random sessions of a model -> what was found in it, and whether each witness proves it alone."""
    header, _, everything = batch(name, seed, sessions)
    history = History(header, Columns.of(everything))
    findings = [f for f in judge(history, findings_max=10_000).findings if f.anomaly is not Anomaly.FAILED_REQUEST]
    rows = [[everything[row] for row in finding.rows] for finding in findings]
    alone = [
        replace(o, session=f"{i}|{o.session}", user=o.user and f"{i}|{o.user}")
        for i, shown in enumerate(rows)
        for o in shown
    ]
    again = judge(History(header, Columns.of(alone)), findings_max=10_000)
    proven = {(f.session, _of_one(f.anomaly)) for f in again.findings}
    return [
        Shown(
            finding=finding,
            operations=tuple(shown),
            proves=(f"{i}|{finding.session}", _of_one(finding.anomaly)) in proven,
            small=len(shown) <= 6 or name not in SMALL or finding.anomaly not in REGISTER | LIFECYCLE,
        )
        for i, (finding, shown) in enumerate(zip(findings, rows, strict=True))
    ]


def _of_one(anomaly: Anomaly) -> Anomaly:
    """Premature expiry is told from several sessions of one age."""
    return Anomaly.LOST_SESSION if anomaly is Anomaly.PREMATURE_EXPIRY else anomaly

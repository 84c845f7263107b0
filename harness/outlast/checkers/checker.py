"""The contract of a checker: a pure function from a history to findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from outlast.checkers.anomaly import Anomaly
from outlast.history.history import History, PhaseName


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One anomaly of one session, with the few operations that prove it.

    `rows` are positions in `history.columns`, in the order in which they are to be told. `because` is one sentence.
    `layer` tells where it was lost, when the evidence allows: client, balancer, replica, store, expiry.
    """

    anomaly: Anomaly
    session: str
    rows: tuple[int, ...]
    because: str
    phase: PhaseName | None = None
    fault: str | None = None
    """The fault window that can have caused it; None: no fault was near."""
    layer: str | None = None
    allowed: bool = False
    """The declared guarantee permits it: counted, never hidden."""


class Checker(Protocol):
    """Finds one family of anomalies."""

    name: str

    def check(self, history: History) -> Iterable[Finding]:
        """History -> findings; pure."""
        ...


class NothingChecker:
    """Finds nothing: the no-op of the contract."""

    name = "nothing"

    def check(self, history: History) -> Iterable[Finding]:
        return ()

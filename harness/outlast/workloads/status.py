"""What the load process tells the harness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadStatus:
    """How the load goes. Sessions are counted by what their last answer showed."""

    operations: int = 0
    per_second: float = 0.0
    """Over the last second or so."""
    failed: int = 0
    """Operations without a usable answer: refused, cut, timed out, 5xx or garbage."""
    sessions_alive: int = 0
    sessions_gone: int = 0
    sessions_unknown: int = 0
    per_replica: Mapping[str, int] = field(default_factory=dict)
    """Sessions whose last answer came from that replica."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginReport:
    """How many of the wanted sessions are logged in."""

    wanted: int
    logged_in: int

    @property
    def complete(self) -> bool:
        return self.logged_in == self.wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class StopReport:
    """How the measured part ended. `unfinished`: operations still without an answer when the patience was over."""

    operations: int
    unfinished: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What the audit asked and what it left out. `asked` = alive + gone + unknown, by the last answer to each."""

    asked: int
    alive: int
    gone: int
    unknown: int
    not_asked: int
    """Held sessions for which the time was up."""
    logged_out_asked: int
    """Sessions that were logged out, whose cookie must be dead."""
    logged_out_alive: int
    logged_out_not_asked: int
    """Beyond the cap, or the time was up."""
    direct_asked: int
    """Questions to single replicas, as evidence."""
    direct_not_asked: int
    """Beyond the cap, the time was up, or the replica did not answer."""

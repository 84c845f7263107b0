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
    in_flight: Mapping[str, int] = field(default_factory=dict)
    """Requests under way, by the replica that last answered their session; "" where none has yet."""
    slow_in_flight: int = 0
    """Slow writes among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowWrite:
    """A slow write under way. `replica`: the one that last answered its session, "" for none; sent at `since_ns`."""

    session: str
    replica: str
    since_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """The load as it is at this instant, in more detail than what is told twice a second."""

    status: LoadStatus
    alive_on: Mapping[str, int] = field(default_factory=dict)
    """Sessions whose last answer showed them alive, by the replica that gave it."""
    slow: tuple[SlowWrite, ...] = ()
    holders: Mapping[str, str] = field(default_factory=dict)
    """Session -> the replica that last answered it, of those that were asked for and live."""


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

"""When a run is to be broken off: too many failures, or too many sessions lost."""

from __future__ import annotations

from dataclasses import dataclass

from outlast.errors import UsageError

WINDOW_S = 2.0
"""Over so many of the latest seconds the share of failures is taken."""
OPERATIONS_LEAST = 20
"""A share of fewer operations says little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abort:
    """`failed_share`: of the operations of the last two seconds; `lost_sessions`: whose last answer showed them gone.

    Above a limit everything is healed at once and judged as usual; the verdict says so and is no pass.
    """

    failed_share: float | None = None
    lost_sessions: int | None = None

    def __post_init__(self) -> None:
        if self.failed_share is None and self.lost_sessions is None:
            raise UsageError("Abort() without a limit never aborts: give failed_share or lost_sessions.")
        if self.failed_share is not None and not 0 <= self.failed_share < 1:
            raise UsageError(f"Abort(failed_share={self.failed_share:g}): give a share from 0 to below 1.")
        if self.lost_sessions is not None and self.lost_sessions < 0:
            raise UsageError(f"Abort(lost_sessions={self.lost_sessions}): give a number, not below zero.")

    def reason(self, recent: Recent) -> str | None:
        """Why the run must end now, in a few words; None: it may go on."""
        if self.lost_sessions is not None and recent.sessions_gone > self.lost_sessions:
            return f"{recent.sessions_gone} sessions were lost, of {self.lost_sessions} allowed"
        if self.failed_share is not None and recent.operations >= OPERATIONS_LEAST:
            share = recent.failed / recent.operations
            if share > self.failed_share:
                return f"{share:.0%} of the operations failed, of {self.failed_share:.0%} allowed"
        return None


@dataclass(frozen=True, slots=True)
class Recent:
    """How the load went in the last seconds, and how many sessions are gone."""

    operations: int = 0
    failed: int = 0
    sessions_gone: int = 0

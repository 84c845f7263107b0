"""What a session is, whichever way it is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

LOG_LENGTH: Final = 64
"""How many of the last executed attempts a session's log holds."""


@dataclass(frozen=True, slots=True)
class Session:
    """One login: whose it is, the value last written (None: none yet), how often it was incremented, by which attempts.

    `ballast` is whatever else an app may keep in a session: nobody looks at it, and it is carried along.

    Every increment is one attempt, executed once more for each time it is asked: the log shows retries, it hides none.
    """

    user: str
    value: str | None = None
    counter: int = 0
    log: tuple[str, ...] = ()
    ballast: str = ""

    @property
    def log_offset(self) -> int:
        """How many executed attempts came before those that the log still holds."""
        return self.counter - len(self.log)

    def written(self, value: str) -> Session:
        """The session after a write."""
        return replace(self, value=value)

    def incremented(self, attempt: str, log_length: int = LOG_LENGTH) -> Session:
        """The session after one more execution of an attempt."""
        return replace(self, counter=self.counter + 1, log=(*self.log, attempt)[-log_length:])

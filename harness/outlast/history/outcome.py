"""From what came back over HTTP to what it proves: ok, surely not done, or nobody knows.

The rule: only a refused connection (nothing was sent) and a status that the driver declared definite prove that nothing
took effect. Counter-example to anything bolder: a balancer answers 502 after it passed the write on and the replica
died with the answer; the write stays.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from outlast.history.operation import Outcome

LEAST_OK = 200
MOST_OK = 299


class TransportFailure(StrEnum):
    """Why there is no answer."""

    REFUSED = "refused"
    """The connection was refused: not a byte of the request was sent."""
    TIMEOUT = "timeout"
    RESET = "reset"
    """Closed or cut before the answer was complete."""
    GARBLED = "garbled"
    """What came is no HTTP, or more than the limit."""


def outcome_of_status(status: int, definite: Collection[int] = ()) -> Outcome:
    """HTTP status -> outcome. `definite`: the statuses by which this app says that it surely did nothing (401 ...)."""
    if LEAST_OK <= status <= MOST_OK:
        return Outcome.OK
    return Outcome.FAIL if status in definite and status < 500 else Outcome.UNKNOWN


def outcome_of_failure(failure: TransportFailure) -> Outcome:
    """No answer -> outcome."""
    return Outcome.FAIL if failure is TransportFailure.REFUSED else Outcome.UNKNOWN

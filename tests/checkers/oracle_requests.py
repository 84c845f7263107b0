"""Failed requests and stuck users, operation by operation."""

from __future__ import annotations

from collections.abc import Sequence

from outlast.history.history import Header
from outlast.history.operation import VIA_BALANCER, Operation, Outcome


def failed(operation: Operation) -> bool:
    """Refused, cut, timed out or 5xx. A "no" of the app is an answer, and so is one that shows the session."""
    o = operation
    if o.outcome is Outcome.UNKNOWN or (o.status or 0) >= 500:
        return True
    return o.outcome is Outcome.FAIL and o.status is None and o.seen is None


def request_names(session: Sequence[Operation], everything: Sequence[Operation], header: Header) -> set[str]:
    """One session, the whole history -> what is wrong with its requests, by formats.md 2."""
    judged = [o for o in session if o.via == VIA_BALANCER]
    heal_ns = max((fault.end_ns or 0 for fault in header.faults), default=None)
    names = {"failed-request"} if any(failed(o) for o in judged) else set()
    if heal_ns is None:
        return names
    after = [o for o in judged if o.invoked_ns > heal_ns]
    others = any(o.outcome is Outcome.OK and o.via == VIA_BALANCER and o.invoked_ns > heal_ns for o in everything)
    if after and others and not any(succeeded(o) for o in after):
        names.add("stuck-user")
    return names


def succeeded(operation: Operation) -> bool:
    """Acknowledged, or answered with what became of the session."""
    o = operation
    return o.outcome is Outcome.OK or (o.outcome is Outcome.FAIL and o.returned_ns is not None and o.seen is not None)

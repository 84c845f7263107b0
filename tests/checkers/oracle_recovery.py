"""Recovery, instant by instant: each that could be the first calm one, against every request."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tests.checkers.oracle_requests import failed

from outlast.history.history import Header, PhaseName
from outlast.history.operation import VIA_BALANCER, Operation

CALM_NS = 5_000_000_000


def recovery_ns(operations: Sequence[Operation], header: Header) -> int | None:
    """All operations -> from the onset to the first instant after which for 5 s no request fails and p99 stays under
    twice the steady one; None where no load tells of such a time. Quadratic.

    A request fails when it was due, and until it is over. Instants to try: the onset, and right after each bad end.
    """
    onset = min(fault.start_ns for fault in header.faults)
    audit = min((p.start_ns for p in header.phases if p.name is PhaseName.AUDIT), default=math.inf)
    load = [o for o in operations if o.via == VIA_BALANCER and o.invoked_ns < audit]
    steady = [latency(o) for o in load if not failed(o) and in_steady(o, header, onset)]
    limit = 2 * p99(steady) if steady else math.inf
    bad = [o for o in load if failed(o) or latency(o) >= limit]
    tries = sorted({onset, *(over(o) + 1 for o in bad if over(o) > onset)})
    return next((t - onset for t in tries if is_calm(t, load, limit)), None)


def is_calm(start: int, load: Sequence[Operation], limit: float) -> bool:
    """Whether the next 5 s, to which the load must last, hold requests, no failed one, and none too slow."""
    end = start + CALM_NS
    if not any(due(o) >= end for o in load):
        return False
    if any(start <= t < end for o in load if failed(o) for t in (due(o), over(o))):
        return False
    for instant in (due, over):
        there = [latency(o) for o in load if start <= instant(o) < end]
        if not there or p99(there) >= limit:
            return False
    return True


def in_steady(operation: Operation, header: Header, onset: int) -> bool:
    """Due before the onset, and in the steady phase if one is told."""
    steady = [phase for phase in header.phases if phase.name is PhaseName.STEADY]
    start, end = (steady[0].start_ns, steady[0].end_ns) if steady else (-math.inf, math.inf)
    return start <= due(operation) < min(end, onset)


def due(operation: Operation) -> int:
    """When it should have been sent, if that was earlier than it was."""
    o = operation
    return o.invoked_ns if o.intended_ns is None else min(o.intended_ns, o.invoked_ns)


def over(operation: Operation) -> int:
    """When it ended; of one that was never answered nobody knows."""
    return operation.invoked_ns if operation.returned_ns is None else operation.returned_ns


def latency(operation: Operation) -> int:
    """From when it was due."""
    return over(operation) - due(operation)


def p99(values: Sequence[int]) -> int:
    """By nearest rank."""
    return sorted(values)[math.ceil(0.99 * len(values)) - 1]

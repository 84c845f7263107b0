"""How the load was spread over the replicas, and whether one that joined is asked by those who were there before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.exposure import JOINING
from outlast.history.columns import ABSENT, KINDS, NEVER, VIAS, Columns, Ints
from outlast.history.history import FaultWindow, History, PhaseName
from outlast.history.operation import VIA_BALANCER, Kind

_Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What one replica answered while nothing was broken, of what came through the balancer. read_ms_p95: from sent to
    answered; None where it answered no read. costly: reads that made it compute; they are no part of read_ms_p95."""

    operations: int
    sessions: int
    costly: int
    read_ms_p95: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Operations from a new replica's first answer to its leaving: by sessions that were logged in before it came, by
    those that came later, and how many of either it answered itself."""

    old: int
    old_here: int
    new: int
    new_here: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """imbalance: the operations of the most asked replica by the mean of all that were asked; 1 is even."""

    replicas: dict[str, Served]
    imbalance: float
    joined: dict[str, Joined]


def spread_of(history: History) -> Spread | None:
    """History -> its spread; None where no answer told its replica before the first fault. Cost: O(n log n)."""
    columns, header = history.columns, history.header
    answered = (columns.replica != ABSENT) & (columns.via == VIAS.index(VIA_BALANCER)) & (columns.returned_ns != NEVER)
    ends = [phase.start_ns for phase in header.phases if phase.name is PhaseName.AUDIT]
    ends += [fault.start_ns for fault in header.faults]
    healthy = answered & (columns.returned_ns < min(ends, default=NEVER))
    if not healthy.any():
        return None
    replicas = {
        columns.nodes[at]: _served(columns, healthy & (columns.replica == at)) for at in _asked(columns, healthy)
    }
    counts = [served.operations for served in replicas.values()]
    return Spread(
        replicas=dict(sorted(replicas.items())),
        imbalance=max(counts) * len(counts) / sum(counts),
        joined={
            node: joined
            for fault in header.faults
            if fault.name in JOINING
            for node in fault.nodes
            if (joined := _joined(columns, answered, fault, node)) is not None
        },
    )


def _asked(columns: Columns, chosen: _Flags) -> list[int]:
    found: list[int] = np.unique(columns.replica[chosen]).tolist()
    return found


def _served(columns: Columns, own: _Flags) -> Served:
    reads = own & (columns.kind == KINDS.index(Kind.READ))
    costly = reads & (columns.path != ABSENT)
    reads &= ~costly
    taken: Ints = columns.returned_ns[reads] - columns.invoked_ns[reads]
    return Served(
        operations=int(own.sum()),
        sessions=len(np.unique(columns.session[own])),
        costly=int(costly.sum()),
        read_ms_p95=float(np.percentile(taken, 95, method="inverted_cdf")) / 1e6 if len(taken) else None,
    )


def _joined(columns: Columns, answered: _Flags, fault: FaultWindow, node: str) -> Joined | None:
    """None where it never answered: there is no instant from which on it could have been asked."""
    here = answered & np.isin(columns.replica, [at for at in range(len(columns.nodes)) if columns.nodes[at] == node])
    here &= columns.returned_ns >= fault.start_ns
    if not here.any():
        return None
    first_ns = int(columns.returned_ns[here].min())
    while_in = answered & (columns.invoked_ns >= first_ns) & (columns.returned_ns <= (fault.end_ns or NEVER))
    logins = (columns.kind == KINDS.index(Kind.LOGIN)) & (columns.invoked_ns < fault.start_ns)
    old = np.isin(columns.session, columns.session[logins])
    return Joined(
        old=int((while_in & old).sum()),
        old_here=int((while_in & old & here).sum()),
        new=int((while_in & ~old).sum()),
        new_here=int((while_in & ~old & here).sum()),
    )

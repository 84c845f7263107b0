"""Where a loss happened: its phase, the fault that can have caused it, and the layer, as far as the evidence goes."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import cached_property

import numpy as np

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.blocks import blocks
from outlast.checkers.order import ascending
from outlast.checkers.survey import Survey
from outlast.history.columns import SEEN, VIAS, Ints
from outlast.history.history import FaultWindow, Header, PhaseName
from outlast.history.operation import VIA_BALANCER, VIA_REPLICA, VIA_STORE, Seen


class Layer(StrEnum):
    """Who lost it."""

    CLIENT = "client"
    BALANCER = "balancer"
    REPLICA = "replica"
    STORE = "store"
    EXPIRY = "expiry"


_GONE = frozenset(
    (Anomaly.LOST_SESSION, Anomaly.RECREATED_SESSION, Anomaly.FLICKERING_SESSION, Anomaly.LOGIN_NOT_STORED)
)
_EXPIRY = frozenset((Anomaly.PREMATURE_EXPIRY, Anomaly.LATE_EXPIRY))


def phase_at(header: Header, instant_ns: int) -> PhaseName | None:
    """The phase an instant lies in; of two that touch, the later one."""
    names = [phase.name for phase in header.phases if phase.start_ns <= instant_ns <= phase.end_ns]
    return names[-1] if names else None


def fault_before(header: Header, instant_ns: int) -> FaultWindow | None:
    """The last fault that had begun: an effect can outlast its window, and shows only when somebody looks."""
    begun = [fault for fault in header.faults if fault.start_ns <= instant_ns]
    return max(begun, key=lambda fault: fault.start_ns, default=None)


class Attribution:
    """Looks a session's other answers up; made once per judgement: O(n), as it gathers what was asked directly."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        columns = survey.columns
        found = [
            np.flatnonzero((columns.via[block] != VIAS.index(VIA_BALANCER)) & (columns.seen[block] > 0)) + block.start
            for block in blocks(columns)
        ]
        self._evidence: Ints = np.concatenate((np.zeros(0, np.int64), *found))
        self._order = ascending(columns.session[self._evidence])
        self._sessions = columns.session[self._evidence][self._order]

    def layer(self, anomaly: Anomaly, session: int, rows: Sequence[int]) -> Layer | None:
        """A finding -> who lost it, None where nothing tells. Cost: O(log n); once per judgement O(n)."""
        if anomaly is Anomaly.CLIENT_EVICTED:
            return Layer.CLIENT
        if anomaly in _EXPIRY:
            return Layer.EXPIRY
        if anomaly not in _GONE:
            return None
        return self._asked_directly(session) or self._by_replica(rows)

    def _asked_directly(self, session: int) -> Layer | None:
        """The store, then the replicas, asked past the balancer: who still has it?"""
        columns = self._survey.columns
        span = slice(*np.searchsorted(self._sessions, [session, session + 1]).tolist())
        rows: Ints = self._evidence[self._order[span]]
        alive = columns.seen[rows] == SEEN.index(Seen.ALIVE)
        of_store = columns.via[rows] == VIAS.index(VIA_STORE)
        of_replica = columns.via[rows] == VIAS.index(VIA_REPLICA)
        if (of_replica & alive).any():
            return Layer.BALANCER  # a replica has it: the balancer sent the user elsewhere
        if of_store.any():
            return Layer.REPLICA if (of_store & alive).any() else Layer.STORE
        return None

    def _by_replica(self, rows: Sequence[int]) -> Layer | None:
        """The last answer that saw it alive, and the one that did not: same node restarted, or another node?"""
        columns = self._survey.columns
        victims = {node for fault in self._survey.header.faults for node in fault.nodes}
        gone = rows[-1]
        before = [row for row in rows[:-1] if columns.seen[row] == SEEN.index(Seen.ALIVE) or columns.user[row] >= 0]
        if not before or columns.replica[gone] < 0 or columns.replica[before[-1]] < 0:
            return None
        kept, asked = before[-1], gone
        home = columns.nodes[int(columns.replica[kept])]
        if columns.replica[kept] == columns.replica[asked]:
            restarted = columns.boot[kept] != columns.boot[asked]
            return Layer.REPLICA if restarted else Layer.STORE
        if home in victims:
            return Layer.REPLICA
        return Layer.STORE if victims and not victims & self._replicas else Layer.BALANCER

    @cached_property
    def _replicas(self) -> set[str]:
        """The nodes that ever answered."""
        columns = self._survey.columns
        places = {place for block in blocks(columns) for place in np.unique(columns.replica[block]).tolist()}
        return {columns.nodes[place] for place in places if place >= 0}


__all__ = ["Attribution", "Layer", "fault_before", "phase_at"]

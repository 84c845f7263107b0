"""How much could have been lost: who lived on the victim when the fault struck."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.blocks import blocks
from outlast.checkers.evidence import (
    ALIVE,
    GONE,
    INCREMENT,
    INCREMENT_MAYBE,
    LOGIN,
    LOGIN_OK,
    LOGOUT,
    OK,
    WRITE,
    WRITE_MAYBE,
    roles_of,
)
from outlast.checkers.judgement import Exposure
from outlast.checkers.order import ascending
from outlast.checkers.survey import INFINITY, Survey
from outlast.history.columns import NEVER, VIAS, Ints
from outlast.history.history import FaultWindow
from outlast.history.operation import VIA_BALANCER

Flags = NDArray[np.bool_]
JOINING = frozenset({"scale_out"})
"""Faults by which a node comes that was not there: nobody lived on it, and it may take anyone's place."""
NODE_BY_NODE = frozenset({"deploy", "rolling_restart"})
"""Faults that come to one victim after the other: until the end somebody may not have been struck yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """Flags per session, of all faults together.

    on_victim: alive at an onset and last answered by its victim; all that were alive, if the victim is no replica, or
    one that joins, or if no answer tells which replica gave it: then each of them may have lived there.
    excluded: at no onset that, and the login or logout was unfinished at one, or the login came later and the victim
    answered it: while it comes back the balancer may send the next request elsewhere, so such a session may be lost or
    not. alive_after: surely alive after the onset of a fault that it was exposed to; alive_after_any: of one at which
    it was alive. outlasted: surely alive after the heal of the fault it was exposed to and before the next one, so what
    befalls it later is not that fault's. alive: alive at an onset.
    """

    on_victim: Flags
    excluded: Flags
    alive_after: Flags
    alive_after_any: Flags
    outlasted: Flags
    alive: Flags
    figures: Exposure


def harm_begins_ns(fault: FaultWindow) -> int:
    """The first instant at which the harm can have begun: what is seen from outside is seen a little later."""
    return fault.start_ns - round(max(0.0, fault.onset_error_ms or 0.0) * 1e6)


def exposed_of(survey: Survey) -> Exposed:
    """Survey -> Exposed. Cost: O(operations) per fault, in blocks."""
    sessions = survey.sessions
    on_victim, excluded, alive, after, after_any, outlasted = (np.zeros(sessions, bool) for _ in range(6))
    in_flight = 0
    hidden = not _tells_where(survey)
    for fault in survey.header.faults:
        look = _look(survey, harm_begins_ns(fault), fault.start_ns)
        victims = _replicas_among(survey, fault.nodes)
        several = hidden or len(victims) == 0 or fault.name in JOINING
        exposed = look.alive if several else look.alive & np.isin(look.replica, victims)
        on_victim |= exposed & ~look.excluded
        seen_after = _alive_between(survey, _all_struck_ns(fault), INFINITY)
        after |= exposed & seen_after
        after_any |= look.alive & seen_after
        outlasted |= exposed & ~look.excluded & _alive_between(survey, *_between(survey, fault))
        excluded |= look.excluded & (exposed | (look.replica < 0) | ~look.alive)
        excluded |= _born_on(survey, victims, fault.start_ns) & ~look.alive
        alive |= look.alive
        in_flight += look.in_flight
    excluded &= ~on_victim  # a session that one fault put at risk is not left out for what came later
    figures = Exposure(
        faults=len(survey.header.faults),
        sessions_on_victim=int(on_victim.sum()),
        sessions_excluded=int(excluded.sum()),
        writes_in_flight=in_flight,
    )
    return Exposed(
        on_victim=on_victim,
        excluded=excluded,
        alive_after=after,
        alive_after_any=after_any,
        outlasted=outlasted,
        alive=alive,
        figures=figures,
    )


def _all_struck_ns(fault: FaultWindow) -> int:
    """From when on no victim is still to be struck. Else a session of the last one, seen alive before, outlasts it."""
    return fault.end_ns or fault.start_ns if fault.name in NODE_BY_NODE else fault.start_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """The sessions at one onset. replica: the last that answered each through the balancer, -1 for none."""

    alive: Flags
    excluded: Flags
    replica: Ints
    in_flight: int


def _look(survey: Survey, begins_ns: int, onset_ns: int) -> _Look:
    columns = survey.columns
    born, gone, logged_out, excluded = (np.zeros(survey.sessions, bool) for _ in range(4))
    replica = np.full(survey.sessions, -1)
    answered = np.full(survey.sessions, -(2**62))
    in_flight = 0
    for block in blocks(columns):
        begun = np.flatnonzero(columns.invoked_ns[block] <= onset_ns) + block.start
        roles, session = roles_of(columns, begun), columns.session[begun]
        returned = columns.returned_ns[begun]
        over = returned <= begins_ns
        under_way = returned >= begins_ns
        born[session[over & ((roles & (LOGIN_OK | ALIVE)) != 0)]] = True
        gone[session[over & ((roles & GONE) != 0)]] = True
        logged_out[session[over & ((roles & LOGOUT) != 0)]] = True
        excluded[session[under_way & ((roles & (LOGIN | LOGOUT)) != 0)]] = True
        writing = (roles & (WRITE | WRITE_MAYBE | INCREMENT | INCREMENT_MAYBE)) != 0
        in_flight += int((under_way & writing & (returned != NEVER)).sum())
        telling = np.flatnonzero(over & (columns.replica[begun] >= 0) & ((roles & (OK | ALIVE)) != 0))
        telling = telling[ascending(returned[telling])]
        newer = returned[telling] >= answered[session[telling]]
        telling = telling[newer]
        replica[session[telling]] = columns.replica[begun[telling]]
        answered[session[telling]] = returned[telling]
    return _Look(alive=born & ~gone & ~logged_out, excluded=excluded, replica=replica, in_flight=in_flight)


def _tells_where(survey: Survey) -> bool:
    """Whether any answer through the balancer tells which replica gave it."""
    columns, balancer = survey.columns, VIAS.index(VIA_BALANCER)
    return any(
        bool(((columns.replica[block] >= 0) & (columns.via[block] == balancer)).any()) for block in blocks(columns)
    )


def _born_on(survey: Survey, victims: Ints, onset_ns: int) -> Flags:
    """Sessions whose login was answered by a victim after the onset."""
    columns = survey.columns
    born = np.zeros(survey.sessions, bool)
    for block in blocks(columns):
        there = (columns.returned_ns[block] > onset_ns) & np.isin(columns.replica[block], victims)
        later = np.flatnonzero(there) + block.start
        born[columns.session[later[(roles_of(columns, later) & LOGIN_OK) != 0]]] = True
    return born


def _between(survey: Survey, fault: FaultWindow) -> tuple[int, int]:
    """From the fault's end to the next onset after it; nothing when none comes, or it begins before that."""
    if fault.end_ns is None:
        return INFINITY, INFINITY
    later = [harm_begins_ns(other) for other in survey.header.faults if other.start_ns > fault.start_ns]
    return fault.end_ns, min(later, default=fault.end_ns)


def _alive_between(survey: Survey, after_ns: int, before_ns: int) -> Flags:
    """Sessions that an operation saw alive which was sent after the one instant and answered before the other."""
    columns = survey.columns
    alive = np.zeros(survey.sessions, bool)
    for block in blocks(columns):
        within = (columns.invoked_ns[block] > after_ns) & (columns.returned_ns[block] < before_ns)
        rows = np.flatnonzero(within) + block.start
        alive[columns.session[rows[(roles_of(columns, rows) & ALIVE) > 0]]] = True
    return alive


def _replicas_among(survey: Survey, nodes: tuple[str, ...]) -> Ints:
    """Positions of those of the nodes that ever answered as a replica, or were asked as one."""
    columns = survey.columns
    known = {
        place
        for block in blocks(columns)
        for column in (columns.replica, columns.via_node)
        for place in np.unique(column[block]).tolist()
    }
    return np.array([place for place in sorted(known) if place >= 0 and columns.nodes[place] in nodes], np.int64)

"""Some sessions of a history, laid end to end on one line of time, ready to be judged all at once.

Each session gets a stretch of the line to itself. Then `a.ret < b.inv` is the real order within a session, the
stretches never touch, and one sort or one running maximum serves all sessions together: an earlier session's instants
lie below every instant of a later one, so they can neither be "after" nor "still current" there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.evidence import UNKNOWN, Roles
from outlast.checkers.survey import Survey
from outlast.checkers.told import Told
from outlast.history.columns import NEVER, Columns, Ints, SmallInts

LINE_END = 2**61
"""Instants on the line stay below it, so that twice one still fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Operations of some sessions. Arrays have one entry per operation, but `names` and `base`: one per session.

    rows: positions in the history's columns. session: 0 .. sessions - 1. names: position of each session in the
    history. inv, ret: instants on the line, widened by the clock error; ret of an unknown outcome is the end of its
    session's stretch. answered: when an answer came, of unknown outcomes too; the end of the stretch when none did.
    base: where each session's stretch begins; no instant lies on it, so it stands for minus infinity. roles:
    evidence.py.
    """

    survey: Survey
    rows: Ints
    told: Told
    session: Ints
    names: Ints
    inv: Ints
    ret: Ints
    base: Ints
    span: int
    start: int
    instants: Ints | None
    """Where the line counts ranks instead of nanoseconds: the instants by rank."""
    roles: Roles
    session_roles: Roles
    """Per session all bits of its operations."""
    found: dict[int, Ints]

    @property
    def columns(self) -> Columns:
        """Of the whole history: index it with `rows`."""
        return self.survey.columns

    @property
    def sessions(self) -> int:
        """How many sessions."""
        return len(self.names)

    def where(self, bits: int) -> Ints:
        """Positions of the operations that are evidence of any of these; not to be written to."""
        found = self.found.get(bits)
        if found is None:
            found = self.found[bits] = np.flatnonzero((self.roles & np.uint32(bits)) != 0)
        return found

    def having(self, bits: int) -> NDArray[np.bool_]:
        """Which sessions have evidence of any of these."""
        having: NDArray[np.bool_] = (self.session_roles & np.uint32(bits)) != 0
        return having

    def answered(self, at: Ints) -> Ints:
        """When these were answered, on the line, whatever the outcome; plus infinity where they never were."""
        returned = self.told.returned_ns[at]
        error = np.where(returned == NEVER, 0, self.survey.clock_error_ns)
        return self.place(self.session[at], returned + error)

    def end(self, session: Ints) -> Ints:
        """Plus infinity in each of these sessions."""
        return self.base[session] + (self.span - 1)

    def place(self, session: Ints, instant: Ints) -> Ints:
        """Widened instants by the clock -> on the line, in the stretch of these sessions; NEVER: its plus infinity."""
        known = np.minimum(instant, self.survey.latest + self.survey.clock_error_ns)
        by_clock = known - self.start if self.instants is None else np.searchsorted(self.instants, known) + 1
        return np.where(instant == NEVER, self.span - 1, by_clock) + self.base[session]

    def lowest(self, at: Ints, values: Ints) -> Ints:
        """Per session the lowest of `values` at these operations, its plus infinity where there is none."""
        lowest = self.base + (self.span - 1)
        np.minimum.at(lowest, self.session[at], values)
        return lowest

    def highest(self, at: Ints, values: Ints) -> Ints:
        """Per session the highest of `values` at these operations, its minus infinity where there is none."""
        highest = self.base.copy()
        np.maximum.at(highest, self.session[at], values)
        return highest


def sheet_of(survey: Survey, told: Told) -> Sheet:
    """What some whole sessions tell -> Sheet.

    Instants are counted by the clock where that fits, else by rank: only their order counts. Counter-example to the
    clock alone: 10,000 sessions over a week in nanoseconds need 2^63. Cost: O(n); by rank, a sort.
    """
    names, session = _dense(told.session, survey.sessions)
    inv = told.invoked_ns - survey.clock_error_ns
    never = told.returned_ns == NEVER
    ret = np.where(never, inv, told.returned_ns + survey.clock_error_ns)
    start = survey.earliest - survey.clock_error_ns - 1
    span, instants = survey.latest + survey.clock_error_ns - start + 2, None
    if span * max(1, len(names)) >= LINE_END:
        instants = np.unique(np.concatenate((inv, ret, survey.shared_instants)))
        inv, ret = np.searchsorted(instants, inv) + 1, np.searchsorted(instants, ret) + 1
        start, span = 0, len(instants) + 2
    base = np.arange(len(names), dtype=np.int64) * span
    offset = base[session]
    inv += offset - start
    ret += offset - start
    forever = never | ((told.roles & np.uint32(UNKNOWN)) != 0)
    ret[forever] = offset[forever] + (span - 1)
    session_roles = np.zeros(len(names), np.uint32)
    np.bitwise_or.at(session_roles, session, told.roles)
    return Sheet(
        survey=survey,
        rows=told.rows,
        told=told,
        session=session,
        names=names,
        inv=inv,
        ret=ret,
        base=base,
        span=span,
        start=start,
        instants=instants,
        roles=told.roles,
        session_roles=session_roles,
        found={},
    )


def _dense(places: SmallInts, count: int) -> tuple[Ints, Ints]:
    """Names that occur, and each operation's place among them."""
    present = np.zeros(count, bool)
    present[places] = True
    names = np.flatnonzero(present)
    if len(names) == count:
        return names, places.astype(np.int64)
    place = np.zeros(count, np.int64)
    place[names] = np.arange(len(names))
    return names, place[places]

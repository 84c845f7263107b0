"""What must be known of a whole history before a part of it can be judged: instants, users, logouts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from outlast.checkers.blocks import blocks
from outlast.checkers.evidence import LOGIN, LOGIN_OK, LOGOUT, roles_of
from outlast.history.columns import ABSENT, KINDS, NEVER, OUTCOMES, SCOPES, Columns, Ints, SmallInts
from outlast.history.history import FaultWindow, Header, History, PhaseName
from outlast.history.operation import Kind, Outcome, Scope

MINUS_INFINITY = -(2**62)
"""Before every instant that a history may tell."""
INFINITY = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A history and the few facts that cross its sessions. Arrays are per session unless they say otherwise.

    user: who logged in, ABSENT when no login tells. login_row, login_inv, login_ret: the session's own login, widened
    by the clock error; -1, INFINITY, INFINITY when none is recorded; login_ret is INFINITY of a login that was not
    acknowledged. logout_rows: logouts of scope `user` that may have taken effect (of any session). earliest, latest:
    of all instants.
    """

    columns: Columns
    header: Header
    user: SmallInts
    login_row: Ints
    login_inv: Ints
    login_ret: Ints
    user_logouts: Ints
    logins: Ints
    """All logins that may have taken effect; only where a login can end another session."""
    earliest: int
    latest: int
    heal_ns: int | None
    """When the last fault was over; without faults, when the settle phase began; None when nothing tells."""
    settled_ns: int | None
    """From when on even `eventual` promises to be right."""
    shared_instants: Ints
    """Widened instants of what can end other sessions."""
    has_logs: bool
    """Whether any answer told an effect log."""
    writes_logged: bool
    """Whether the effect logs hold writes too, not increments alone."""
    has_retries: bool
    """Whether any two increments carry one idempotency key."""
    _owners: dict[int, int] = field(default_factory=dict)

    @property
    def sessions(self) -> int:
        """How many session names there are."""
        return len(self.columns.sessions)

    @property
    def clock_error_ns(self) -> int:
        """By how much each interval is widened on both sides."""
        return self.header.clock_error_ns

    def writer_of(self, token: int) -> int:
        """Token -> a row that tried to write it in any session, -1 when none did. Cost: O(n) at the first call, then
        O(1)."""
        if not self._owners:
            rows = np.flatnonzero(self.columns.kind == KINDS.index(Kind.WRITE))
            values = self.columns.value[rows]
            tokens, first = np.unique(values, return_index=True)
            self._owners.update(zip(tokens.tolist(), rows[first].tolist(), strict=True))
            self._owners.setdefault(ABSENT, -1)
        return self._owners.get(token, -1)


def survey_of(history: History) -> Survey:
    """History -> Survey. Cost: O(n), a few passes over narrow columns."""
    columns, header = history.columns, history.header
    error = header.clock_error_ns
    sketch = _sketch(columns)
    logins, logouts = sketch.logins, sketch.logouts
    logouts = logouts[columns.scope[logouts] == SCOPES.index(Scope.USER)]
    login_roles, logout_roles = roles_of(columns, logins), roles_of(columns, logouts)
    count = len(columns.sessions)
    user = np.full(count, ABSENT, np.int32)
    login_row = np.full(count, -1, np.int64)
    login_inv = np.full(count, INFINITY, np.int64)
    login_ret = np.full(count, INFINITY, np.int64)
    # of several logins of one session the first acknowledged one is the session's own
    for rows in (logins[(login_roles & LOGIN) != 0][::-1], logins[(login_roles & LOGIN_OK) != 0][::-1]):
        at = columns.session[rows]
        user[at] = np.where(columns.user[rows] >= 0, columns.user[rows], user[at])
        login_row[at] = rows
        login_inv[at] = columns.invoked_ns[rows] - error
    acknowledged = logins[(login_roles & LOGIN_OK) != 0][::-1]
    login_ret[columns.session[acknowledged]] = columns.returned_ns[acknowledged] + error
    shared = np.concatenate((logouts, logins)) if header.max_sessions_per_user is not None else logouts
    returned = columns.returned_ns[shared]
    return Survey(
        columns=columns,
        header=header,
        user=user,
        login_row=login_row,
        login_inv=login_inv,
        login_ret=login_ret,
        user_logouts=logouts[(logout_roles & LOGOUT) != 0],
        logins=logins[(login_roles & LOGIN) != 0],
        earliest=sketch.earliest,
        latest=sketch.latest,
        heal_ns=heal_of(header),
        settled_ns=_settled(header),
        shared_instants=np.concatenate((columns.invoked_ns[shared] - error, returned[returned != NEVER] + error)),
        has_logs=sketch.has_logs,
        writes_logged=_writes_logged(columns),
        has_retries=_has_retries(columns),
    )


def heal_of(header: Header) -> int | None:
    """When the harm was over: the last fault's end, else the beginning of heal or settle; None when nothing tells."""
    if header.faults:
        ends = [fault.end_ns for fault in header.faults]
        return None if None in ends else max(end for end in ends if end is not None)
    starts = [phase.start_ns for phase in header.phases if phase.name in (PhaseName.HEAL, PhaseName.SETTLE)]
    return min(starts, default=None)


def onset_of(header: Header) -> FaultWindow | None:
    """The first fault."""
    return min(header.faults, key=lambda fault: fault.start_ns, default=None)


def _settled(header: Header) -> int | None:
    audits = [phase.start_ns for phase in header.phases if phase.name is PhaseName.AUDIT]
    settles = [phase.end_ns for phase in header.phases if phase.name is PhaseName.SETTLE]
    if audits or settles:
        return min(audits) if audits else max(settles)
    return heal_of(header)


def _rows_of(columns: Columns, kind: Kind) -> Ints:
    return np.flatnonzero(columns.kind == KINDS.index(kind))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sketch:
    """What one pass over all rows tells."""

    logins: Ints
    logouts: Ints
    earliest: int
    latest: int
    has_logs: bool


def _sketch(columns: Columns) -> _Sketch:
    nothing = np.zeros(0, np.int64)
    logins, logouts, has_logs = [nothing], [nothing], False
    earliest, latest = [], []
    for block in blocks(columns):
        kind, invoked, returned = columns.kind[block], columns.invoked_ns[block], columns.returned_ns[block]
        logins.append(np.flatnonzero(kind == KINDS.index(Kind.LOGIN)) + block.start)
        logouts.append(np.flatnonzero(kind == KINDS.index(Kind.LOGOUT)) + block.start)
        earliest.append(int(invoked.min()))
        latest.append(int(np.max(returned, where=returned != NEVER, initial=int(invoked.max()))))
        has_logs = has_logs or bool((columns.effects_count[block] >= 0).any())
    return _Sketch(
        logins=np.concatenate(logins),
        logouts=np.concatenate(logouts),
        earliest=min(earliest, default=0),
        latest=max(latest, default=0),
        has_logs=has_logs,
    )


def _writes_logged(columns: Columns) -> bool:
    """A write's attempt stands in some log. An app that logs increments alone owes no log entry to a write."""
    if not len(columns.effects):
        return False
    writes = columns.attempt[_rows_of(columns, Kind.WRITE)]
    writes = writes[writes >= 0]
    return bool(len(writes)) and bool(np.isin(writes, columns.effects).any())


def _has_retries(columns: Columns) -> bool:
    """Two increments that may have taken effect carry one key. Cost: O(n), a mark per key; a sort where keys are
    numbered with large gaps."""
    spans = [(len(keys), int(keys.min()), int(keys.max())) for keys in _keys(columns) if len(keys)]
    if not spans:
        return False
    tries = sum(count for count, _, _ in spans)
    low, high = min(low for _, low, _ in spans), max(high for _, _, high in spans)
    if high - low > 8 * tries + 2**16:
        return len(np.unique(np.concatenate(list(_keys(columns))))) < tries
    marks = np.zeros(high - low + 1, bool)
    for keys in _keys(columns):
        marks[keys - low] = True
    return int(marks.sum()) < tries


def _keys(columns: Columns) -> Iterator[Ints]:
    increment, fail = KINDS.index(Kind.INCREMENT), OUTCOMES.index(Outcome.FAIL)
    for block in blocks(columns):
        attempt = columns.attempt[block]
        yield attempt[(attempt >= 0) & (columns.kind[block] == increment) & (columns.outcome[block] != fail)]

"""The effect log: whether what each session's reads told of executed attempts can be one history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.evidence import INCREMENT, INCREMENT_MAYBE, READ, WRITE, WRITE_MAYBE
from outlast.checkers.marks import Case, Marks, told_in
from outlast.checkers.sheet import Sheet
from outlast.history.columns import KINDS, Ints
from outlast.history.operation import Kind

Flags = NDArray[np.bool_]
_TRYING = (KINDS.index(Kind.WRITE), KINDS.index(Kind.INCREMENT))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """All entries of all logs, one after another. read: the operation that told it (place in the sheet); position: in
    the log, from 0; attempt. `logs`: the reads that told a log; `stop`: the position after the last that each told."""

    logs: Ints
    offset: Ints
    stop: Ints
    read: Ints
    position: Ints
    attempt: Ints


def effects_marks(sheet: Sheet) -> Iterator[Marks]:
    """Sheet -> findings of the effect logs. Cost: O(total length) and a sort of it."""
    entries = _entries(sheet)
    if not len(entries.logs):
        return
    split = np.zeros(sheet.sessions, bool)
    yield _twice(sheet, entries)
    two = _two_logs(sheet, entries)
    split[_places(sheet, two)] = True
    yield two
    foreign = _strange(sheet, entries)
    yield from foreign
    strange = np.zeros(sheet.sessions, bool)
    for marks in foreign:
        strange[_places(sheet, marks)] = True
    yield from _order(sheet, entries, split | strange)


def _entries(sheet: Sheet) -> Entries:
    columns = sheet.columns
    logs = sheet.where(READ)
    logs = logs[columns.effects_count[sheet.rows[logs]] >= 0]
    rows = sheet.rows[logs]
    length = columns.effects_count[rows].astype(np.int64)
    within = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
    return Entries(
        logs=logs,
        offset=columns.effects_offset[rows],
        stop=columns.effects_offset[rows] + length,
        read=np.repeat(logs, length),
        position=within + np.repeat(columns.effects_offset[rows], length),
        attempt=columns.effects[within + np.repeat(columns.effects_start[rows], length)],
    )


def _twice(sheet: Sheet, entries: Entries) -> Marks:
    """One log that holds one attempt twice."""
    order = np.lexsort((entries.position, entries.attempt, entries.read))
    read, attempt = entries.read[order], entries.attempt[order]
    again = np.flatnonzero((read[1:] == read[:-1]) & (attempt[1:] == attempt[:-1])) + 1
    at, what = read[again], attempt[again]
    tries = _tries_by_attempt(sheet)
    first = np.array(
        [tries.get(key, (-1, -1))[0] for key in zip(sheet.session[at].tolist(), what.tolist(), strict=True)]
    )
    rows = told_in((first.astype(np.int64), sheet.rows[at]))
    return Marks(
        anomaly=Anomaly.DUPLICATE_EXECUTION,
        case=Case.EXECUTED_TWICE,
        session=sheet.names[sheet.session[at]],
        rows=rows,
        figures=what[:, None],
    )


def _two_logs(sheet: Sheet, entries: Entries) -> Marks:
    """Two reads that tell different attempts at one position: no log has both."""
    session = sheet.session[entries.read]
    order = np.lexsort((entries.read, entries.position, session))
    s, p, a = session[order], entries.position[order], entries.attempt[order]
    other = np.flatnonzero((s[1:] == s[:-1]) & (p[1:] == p[:-1]) & (a[1:] != a[:-1]))
    one, two = entries.read[order[other]], entries.read[order[other + 1]]
    return Marks(
        anomaly=Anomaly.SPLIT_BRAIN,
        case=Case.TWO_LOGS,
        session=sheet.names[sheet.session[two]],
        rows=told_in((sheet.rows[one], sheet.rows[two])),
        figures=p[other][:, None],
    )


def _strange(sheet: Sheet, entries: Entries) -> list[Marks]:
    """Attempts that are not this session's, or that surely failed."""
    tries = _tries_by_attempt(sheet)
    keys = list(zip(sheet.session[entries.read].tolist(), entries.attempt.tolist(), strict=True))
    state = np.array([tries[key][1] if key in tries else -1 for key in keys], np.int64)
    odd = np.flatnonzero(state <= 0)
    if not len(odd):
        return []
    columns = sheet.columns
    trying = np.flatnonzero(np.isin(columns.kind, _TRYING))
    others = dict(zip(columns.attempt[trying].tolist(), trying.tolist(), strict=True))
    theirs = np.array([others.get(attempt, -1) for attempt in entries.attempt[odd].tolist()])
    own_failed = state[odd] == 0
    found = []
    for anomaly, case, chosen in (
        (Anomaly.ABORTED_READ, Case.FAILED_EFFECT, own_failed),
        (Anomaly.SESSION_LEAK, Case.ANOTHERS_EFFECT, ~own_failed & (theirs >= 0)),
        (Anomaly.GARBAGE_READ, Case.NOBODY_TRIED, ~own_failed & (theirs < 0)),
    ):
        at = entries.read[odd[chosen]]
        rows = told_in((theirs[chosen], sheet.rows[at]))
        session = sheet.names[sheet.session[at]]
        figures = entries.attempt[odd[chosen]][:, None]
        found.append(Marks(anomaly=anomaly, case=case, session=session, rows=rows, figures=figures))
    return found


def _order(sheet: Sheet, entries: Entries, skip: NDArray[np.bool_]) -> Iterator[Marks]:
    """One log of which each read saw a beginning: the attempt at position p has key 2p + 1, a read of the first k has
    2k.

    In key order nothing may have finished before something of a smaller key began, as for a counter. An acknowledged
    attempt that no log holds comes after everything, unless it can stand where no read looked.
    """
    attempts = _placed_attempts(sheet, entries, skip)
    logs = ~skip[sheet.session[entries.logs]]
    at = np.concatenate((entries.logs[logs], attempts.at))
    key = np.concatenate((2 * entries.stop[logs], attempts.key))
    order = np.lexsort((key, sheet.session[at]))
    at, key = at[order], key[order]
    inv, ret, session = sheet.inv[at], sheet.ret[at].copy(), sheet.session[at]
    ret[~attempts.sure[order - int(logs.sum())] & (order >= int(logs.sum()))] = np.iinfo(np.int64).max
    begun = np.maximum.accumulate(inv) if len(inv) else inv
    group = (
        np.flatnonzero(np.concatenate((np.ones(1, bool), (key[1:] != key[:-1]) | (session[1:] != session[:-1]))))
        if len(key)
        else key
    )
    start = np.repeat(group, np.diff(np.concatenate((group, [len(key)])))) if len(key) else key
    before = np.where(start > 0, begun[np.maximum(start - 1, 0)], -1)
    bad = np.flatnonzero(ret < before)
    if not len(bad):
        return
    holder = np.maximum.accumulate(np.where(inv == begun, np.arange(len(inv)), 0))
    earlier = at[holder[start[bad] - 1]]
    yield from _order_named(sheet, entries, at[bad], earlier)


@dataclass(frozen=True, slots=True)
class _Placed:
    at: Ints
    key: Ints
    sure: Flags


def _placed_attempts(sheet: Sheet, entries: Entries, skip: Flags) -> _Placed:
    """Attempts with their place in the log: where a read saw them; after all else if acknowledged and seen by none."""
    tries = sheet.where(WRITE | WRITE_MAYBE | INCREMENT | INCREMENT_MAYBE)
    tries = tries[(sheet.columns.attempt[sheet.rows[tries]] >= 0) & ~skip[sheet.session[tries]]]
    places = zip(sheet.session[entries.read].tolist(), entries.attempt.tolist(), strict=True)
    # of an attempt that was executed twice the first execution counts; written last, it stays
    last_first = np.argsort(-entries.position, kind="stable").tolist()
    named = list(places)
    place = {named[i]: int(entries.position[i]) for i in last_first}
    low, high = np.full(sheet.sessions, np.iinfo(np.int64).max), np.zeros(sheet.sessions, np.int64)
    session = sheet.session[entries.logs]
    np.minimum.at(low, session, entries.offset)
    np.maximum.at(high, session, entries.stop)
    whole = (low == 0) & ~_with_holes(sheet, entries, high)
    owed = WRITE | INCREMENT if sheet.survey.writes_logged else INCREMENT
    at: list[int] = []
    key: list[int] = []
    sure: list[bool] = []
    attempt = sheet.columns.attempt[sheet.rows[tries]].tolist()
    roles = sheet.roles[tries].tolist()
    once: dict[tuple[int, int], int] = {}
    for t, s, name, role in zip(tries.tolist(), sheet.session[tries].tolist(), attempt, roles, strict=True):
        position = place.get((s, name))
        if position is None and not (role & owed and whole[s]):
            continue
        if (s, name) in once:  # a retry: it took effect by the first acknowledgement, and not before the first try
            sure[once[s, name]] = False
            continue
        once[s, name] = len(at)
        at.append(t)
        key.append(2 * int(high[s]) + 3 if position is None else 2 * position + 1)
        sure.append(bool(role & (WRITE | INCREMENT)))
    return _Placed(np.array(at, np.int64), np.array(key, np.int64), np.array(sure, bool))


def _with_holes(sheet: Sheet, entries: Entries, high: Ints) -> Flags:
    """Sessions in whose logs some position before the last was looked at by no read."""
    session = sheet.session[entries.read]
    pairs = np.unique(np.stack((session, entries.position)), axis=1) if len(session) else np.zeros((2, 0), np.int64)
    seen = np.bincount(pairs[0], minlength=sheet.sessions)
    holes: Flags = seen < high
    return holes


def _order_named(sheet: Sheet, entries: Entries, known: Ints, later: Ints) -> Iterator[Marks]:
    """`known` finished before `later` began, yet `later` did not show it: lost for good, or back in a later read."""
    came_back = np.zeros(len(known), bool)
    last_read = sheet.highest(entries.logs, sheet.inv[entries.logs])
    longest = np.zeros(sheet.sessions, np.int64)
    final = entries.logs[sheet.inv[entries.logs] == last_read[sheet.session[entries.logs]]]
    stop = dict(zip(entries.logs.tolist(), entries.stop.tolist(), strict=True))
    for at in final.tolist():
        longest[sheet.session[at]] = max(longest[sheet.session[at]], stop[at])
    attempt = sheet.columns.attempt[sheet.rows]
    is_read = (sheet.roles[known] & READ) > 0
    shown: dict[tuple[int, int], int] = {}
    for read, name, s in zip(
        entries.read.tolist(), entries.attempt.tolist(), sheet.session[entries.read].tolist(), strict=True
    ):
        shown[s, name] = max(shown.get((s, name), -1), int(sheet.inv[read]))
    for i, (one, other) in enumerate(zip(known.tolist(), later.tolist(), strict=True)):
        s = int(sheet.session[one])
        if is_read[i]:
            came_back[i] = longest[s] >= stop[one] and last_read[s] > sheet.inv[other]
        else:
            came_back[i] = shown.get((s, int(attempt[one])), -1) > sheet.inv[other]
    early = ((sheet.roles[later] & READ) == 0) & is_read
    for anomaly, case, chosen in (
        (Anomaly.FUTURE_READ, Case.EARLY_EFFECT, early),
        (Anomaly.LOST_UPDATE, Case.MISSING_EFFECT, ~early & ~came_back),
        (Anomaly.NON_MONOTONIC_READ, Case.MISSING_EFFECT, ~early & came_back & is_read),
        (Anomaly.STALE_READ, Case.MISSING_EFFECT, ~early & came_back & ~is_read),
    ):
        rows = told_in((sheet.rows[known[chosen]], sheet.rows[later[chosen]]))
        yield Marks(anomaly=anomaly, case=case, session=sheet.names[sheet.session[known[chosen]]], rows=rows)


def _tries_by_attempt(sheet: Sheet) -> dict[tuple[int, int], tuple[int, int]]:
    """(session, attempt) -> (row, 1 if it may have taken effect, else 0)."""
    kinds = sheet.columns.kind[sheet.rows]
    tries = np.flatnonzero(np.isin(kinds, _TRYING) & (sheet.columns.attempt[sheet.rows] >= 0))
    may = (sheet.roles[tries] & (WRITE | WRITE_MAYBE | INCREMENT | INCREMENT_MAYBE)) > 0
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for s, name, row, happened in zip(
        sheet.session[tries].tolist(),
        sheet.columns.attempt[sheet.rows[tries]].tolist(),
        sheet.rows[tries].tolist(),
        may.tolist(),
        strict=True,
    ):
        key = (s, name)
        if key not in found or happened:
            found[key] = (row, int(happened))
    return found


def _places(sheet: Sheet, marks: Marks) -> Ints:
    """Sessions of findings, as numbers of the sheet."""
    return np.searchsorted(sheet.names, marks.session)

"""The effect log: whether what a session's reads told of executed attempts can be the beginnings of one log."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.evidence import (
    INCREMENT,
    INCREMENT_FAILED,
    INCREMENT_MAYBE,
    READ,
    WRITE,
    WRITE_FAILED,
    WRITE_MAYBE,
)
from outlast.checkers.marks import NO_ROW
from outlast.checkers.sheet import Sheet
from outlast.history.columns import Ints

Flags = NDArray[np.bool_]
_HAPPENED = WRITE | WRITE_MAYBE | INCREMENT | INCREMENT_MAYBE
_LATEST = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """What the reads told. reads: positions in the sheet of those that told a log; offset, stop: the positions
    [offset, stop) that each told. One entry per told position: `entry_read` (place in `reads`), `position`, and `what`
    (place in Attempts)."""

    reads: Ints
    offset: Ints
    stop: Ints
    entry_read: Ints
    position: Ints
    what: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """Every (session, attempt) that was tried or told; a retry is the same attempt.

    session: of the sheet. name: position in the history's attempts. tried: some try may have taken effect; failed: all
    surely failed. inv: the first such try's invocation; ret: the first acknowledgement, plus infinity for none. row:
    of the try that was acknowledged first, else of any. owed: acknowledged, and of a kind that the log holds. place:
    where the log has it first, -1 nowhere.
    """

    session: Ints
    name: Ints
    tried: Flags
    failed: Flags
    inv: Ints
    ret: Ints
    row: Ints
    owed: Flags
    place: Ints


def logs_of(sheet: Sheet) -> tuple[Logs, Attempts] | None:
    """Sheet -> its logs and attempts, None without a log. Nothing from some position on covers no position: the log may
    be shorter than that. Cost: O(total length) and a sort of it."""
    if not sheet.survey.has_logs:
        return None
    reads = sheet.where(READ)
    count = sheet.told.effects_count[reads]
    reads = reads[(count > 0) | ((count == 0) & (sheet.told.effects_offset[reads] == 0))]
    if not len(reads):
        return None
    length = sheet.told.effects_count[reads].astype(np.int64)
    offset = sheet.told.effects_offset[reads]
    within = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
    entry_read = np.repeat(np.arange(len(reads)), length)
    told = sheet.columns.effects[within + np.repeat(sheet.told.effects_start[reads], length)]
    tries = _tries(sheet, reads)
    session = np.concatenate((sheet.session[tries], sheet.session[reads[entry_read]]))
    name = np.concatenate((sheet.told.attempt[tries], told))
    span = int(name.max(initial=0)) + 1
    pairs, code = np.unique(session * span + name, return_inverse=True)
    logs = Logs(
        reads=reads,
        offset=offset,
        stop=offset + length,
        entry_read=entry_read,
        position=within + np.repeat(offset, length),
        what=code[len(tries) :],
    )
    return logs, _attempts(sheet, logs, tries, code[: len(tries)], pairs // span, pairs % span)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Pairs that break the order of one log: `known` finished before `later` began, yet the log has it after that.

    Items below `reads` are reads (places in Logs.reads), the others attempts (places in Attempts, from `reads` on).
    """

    known: Ints
    later: Ints
    reads: int


def order_of(sheet: Sheet, logs: Logs, attempts: Attempts, skip: Flags) -> Order:
    """One log of which each read saw a beginning: key the attempt at position p to 2p + 1, a read of the first k to
    2k.

    In key order nothing may have finished before something of a smaller key began. An acknowledged attempt that no log
    holds comes after everything, unless it can stand where no read looked. Cost: a sort.
    """
    high = np.zeros(sheet.sessions, np.int64)
    np.maximum.at(high, sheet.session[logs.reads], logs.stop)
    missing = (attempts.place < 0) & attempts.owed & looked_at_whole(sheet, logs, high)[attempts.session]
    reads = np.flatnonzero(~skip[sheet.session[logs.reads]])
    placed = np.flatnonzero(((attempts.place >= 0) | missing) & attempts.tried & ~skip[attempts.session])
    key_of_attempt = np.where(attempts.place >= 0, 2 * attempts.place + 1, 2 * high[attempts.session] + 3)
    item = np.concatenate((reads, placed + len(logs.reads)))
    session = np.concatenate((sheet.session[logs.reads[reads]], attempts.session[placed]))
    key = np.concatenate((2 * logs.stop[reads], key_of_attempt[placed]))
    inv = np.concatenate((sheet.inv[logs.reads[reads]], attempts.inv[placed]))
    ret = np.concatenate((sheet.ret[logs.reads[reads]], attempts.ret[placed]))
    order = np.lexsort((key, session))
    item, session, key, inv, ret = item[order], session[order], key[order], inv[order], ret[order]
    begun = np.maximum.accumulate(inv)
    holder = np.maximum.accumulate(np.where(inv == begun, np.arange(len(inv)), 0))
    fresh = np.ones(len(key), bool)
    fresh[1:] = (key[1:] != key[:-1]) | (session[1:] != session[:-1])
    start = np.maximum.accumulate(np.where(fresh, np.arange(len(key)), 0))
    bad = np.flatnonzero((start > 0) & (ret < begun[np.maximum(start - 1, 0)]))
    return Order(known=item[bad], later=item[holder[start[bad] - 1]], reads=len(logs.reads))


def looked_at_whole(sheet: Sheet, logs: Logs, high: Ints) -> Flags:
    """Sessions of whose log some read told every position up to the last."""
    session = sheet.session[logs.reads[logs.entry_read]]
    told = np.unique(session * (int(high.max(initial=0)) + 1) + logs.position)
    count = np.bincount(told // (int(high.max(initial=0)) + 1), minlength=sheet.sessions)
    whole: Flags = count >= high
    return whole


def disagreeing(sheet: Sheet, logs: Logs) -> tuple[Ints, Ints]:
    """Pairs of entries that tell different attempts at one position of one session's log. Cost: a sort."""
    session = sheet.session[logs.reads[logs.entry_read]]
    order = np.lexsort((logs.what, logs.position, session))
    same = (session[order][1:] == session[order][:-1]) & (logs.position[order][1:] == logs.position[order][:-1])
    at = np.flatnonzero(same & (logs.what[order][1:] != logs.what[order][:-1]))
    return order[at], order[at + 1]


def repeated(logs: Logs, split: Flags) -> tuple[Ints, Ints]:
    """Pairs of entries that tell one attempt at two positions: of one read, or, where the reads agree, of two."""
    order = np.lexsort((logs.entry_read, logs.position, logs.what))
    what, position = logs.what[order], logs.position[order]
    at = np.flatnonzero((what[1:] == what[:-1]) & (position[1:] != position[:-1]))
    first, second = order[at], order[at + 1]
    one_read = _in_one_read(logs)
    trusted = ~split[logs.what[second]] | one_read[logs.what[second]]
    return first[trusted], second[trusted]


def _in_one_read(logs: Logs) -> Flags:
    """Attempts that one read told at two positions."""
    twice = np.zeros(int(logs.what.max(initial=-1)) + 1, bool)
    order = np.lexsort((logs.what, logs.entry_read))
    what, read = logs.what[order], logs.entry_read[order]
    twice[what[1:][(what[1:] == what[:-1]) & (read[1:] == read[:-1])]] = True
    return twice


def _tries(sheet: Sheet, reads: Ints) -> Ints:
    """Writes and increments with a key, of the sessions whose log was read."""
    concerned = np.zeros(sheet.sessions, bool)
    concerned[sheet.session[reads]] = True
    tries = sheet.where(_HAPPENED | WRITE_FAILED | INCREMENT_FAILED)
    return tries[(sheet.told.attempt[tries] >= 0) & concerned[sheet.session[tries]]]


def _attempts(sheet: Sheet, logs: Logs, tries: Ints, code: Ints, session: Ints, name: Ints) -> Attempts:
    count = len(session)
    roles = sheet.roles[tries]
    happened = (roles & _HAPPENED) != 0
    sure = (roles & (WRITE | INCREMENT)) != 0
    owing = INCREMENT | (WRITE if sheet.survey.writes_logged else 0)
    inv, ret = np.full(count, _LATEST), np.full(count, _LATEST)
    np.minimum.at(inv, code[happened], sheet.inv[tries[happened]])
    np.minimum.at(ret, code[sure], sheet.ret[tries[sure]])
    row = np.full(count, NO_ROW)
    by_end = np.argsort(sheet.ret[tries], kind="stable")[::-1]  # of several tries the last assignment stays: the first
    for chosen in (np.ones(len(tries), bool), happened, sure):
        at = by_end[chosen[by_end]]
        row[code[at]] = sheet.rows[tries[at]]
    tried, failed, owed = (np.zeros(count, bool) for _ in range(3))
    tried[code[happened]] = True
    failed[code[(roles & (WRITE_FAILED | INCREMENT_FAILED)) != 0]] = True
    owed[code[(roles & owing) != 0]] = True
    place = np.full(count, _LATEST)
    np.minimum.at(place, logs.what, logs.position)
    return Attempts(
        session=session,
        name=name,
        tried=tried,
        failed=failed & ~tried,
        inv=inv,
        ret=ret,
        row=row,
        owed=owed,
        place=np.where(place == _LATEST, -1, place),
    )

"""Counter, unit increments from 0, each of which tells its result: exact, by one scan over each session's values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.evidence import INCREMENT, INCREMENT_MAYBE, READ
from outlast.checkers.marks import Case, Marks, told_in
from outlast.checkers.order import holders
from outlast.checkers.sheet import Sheet
from outlast.history.columns import ABSENT, Ints

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """A counter's operations. told: increments with their result, and reads; value: what each told; is_read: which are
    reads. maybe: increments that may have happened or whose result is not known. All positions in the sheet."""

    told: Ints
    value: Ints
    is_read: Flags
    maybe: Ints


def counts_of(sheet: Sheet) -> Counts:
    """Sheet -> Counts. Cost: O(n)."""
    told = sheet.where(INCREMENT | READ)
    value = sheet.told.counter[told]
    has = value != ABSENT
    is_read = (sheet.roles[told] & READ) != 0
    blind = told[~has & ~is_read]
    return Counts(
        told=told[has],
        value=value[has],
        is_read=is_read[has],
        maybe=np.concatenate((sheet.where(INCREMENT_MAYBE), blind)),
    )


def counter_marks(sheet: Sheet, counts: Counts) -> Iterator[Marks]:
    """Counts -> findings.

    Key each increment with result k to 2k and each read of k to 2k + 1: in key order nothing may have finished before
    something of a smaller key began. A value that no told increment claims needs an increment of unknown outcome.
    Cost: O(n), as a session's values are no more than its increments; where they are more, a sort.
    """
    told, value = counts.told, counts.value
    session = sheet.session[told]
    trying = np.concatenate((session[~counts.is_read], sheet.session[counts.maybe]))
    increments = np.bincount(trying, minlength=sheet.sessions)
    nothing = ~counts.is_read & (value < 1)
    yield _marks(sheet, Anomaly.LOST_UPDATE, Case.IMPOSSIBLE_COUNT, told[nothing], value[nothing])
    high = value > increments[session]
    yield from _too_many(sheet, counts, high, increments)
    start = np.concatenate((np.zeros(1, np.int64), np.cumsum(2 * increments + 2)))
    key = start[session]
    key += 2 * value
    key += counts.is_read
    if not high.any() and not nothing.any():
        yield from _scan(sheet, told, key, int(start[-1]), counts.is_read)
        yield from _unclaimed(sheet, counts, told, key, counts.is_read, value, start)
        return
    odd = np.zeros(sheet.sessions, bool)
    odd[session[high]] = True
    fine, rest = np.flatnonzero(~odd[session]), np.flatnonzero(odd[session])
    yield from _scan(sheet, told[fine], key[fine], int(start[-1]), counts.is_read[fine])
    rest = rest[np.lexsort((2 * value[rest] + counts.is_read[rest], session[rest]))]
    yield from _scan(
        sheet, told[rest], _ranks(session[rest], value[rest], counts.is_read[rest]), len(rest), counts.is_read[rest]
    )
    low = ~high & ~nothing
    yield from _unclaimed(sheet, counts, told[low], key[low], counts.is_read[low], value[low], start)


def _ranks(session: Ints, value: Ints, is_read: Flags) -> Ints:
    """Keys, of values too high to be places in an array, in order -> their ranks."""
    fresh = np.ones(len(session), bool)
    fresh[1:] = (session[1:] != session[:-1]) | (value[1:] != value[:-1]) | (is_read[1:] != is_read[:-1])
    ranks: Ints = np.cumsum(fresh) - 1
    return ranks


def _too_many(sheet: Sheet, counts: Counts, high: Flags, increments: Ints) -> Iterator[Marks]:
    at = np.flatnonzero(high)
    if len(at):
        told = counts.told[at]
        figures = np.stack((counts.value[at], increments[sheet.session[told]]), axis=1)
        yield _marks(sheet, Anomaly.DUPLICATE_EXECUTION, Case.TOO_MANY, told, figures)


def _scan(sheet: Sheet, told: Ints, key: Ints, size: int, is_read: Flags) -> Iterator[Marks]:
    """Keys, ascending by session and then by value: two increments with one key; something that began after the end of
    something of a higher key."""
    first_ret = np.full(size, np.iinfo(np.int64).max)
    last_inv = np.full(size, -1)
    np.minimum.at(first_ret, key, sheet.ret[told])
    np.maximum.at(last_inv, key, sheet.inv[told])
    yield from _same_result(sheet, told, key, is_read)
    begun = np.maximum.accumulate(last_inv)
    fell = np.flatnonzero(first_ret[1:] < begun[:-1]) + 1
    if len(fell):
        holder = holders(last_inv)
        higher = _at(told, key, fell, sheet.ret)
        lower = _at(told, key, holder[fell - 1], -sheet.inv)
        yield Marks(
            anomaly=Anomaly.LOST_UPDATE,
            case=Case.FELL,
            session=sheet.names[sheet.session[lower]],
            rows=told_in((sheet.rows[higher], sheet.rows[lower])),
        )


def _same_result(sheet: Sheet, told: Ints, key: Ints, is_read: Flags) -> Iterator[Marks]:
    """Two acknowledged increments with one result: one of them is lost."""
    at = np.flatnonzero(~is_read)
    claims = np.bincount(key[at], minlength=1)
    doubled = at[claims[key[at]] > 1]
    if len(doubled):
        order = doubled[np.lexsort((sheet.inv[told[doubled]], key[doubled]))]
        same = np.flatnonzero(key[order][1:] == key[order][:-1])
        first, second = told[order[same]], told[order[same + 1]]
        rows = told_in((sheet.rows[first], sheet.rows[second]))
        names = sheet.names[sheet.session[second]]
        yield Marks(anomaly=Anomaly.LOST_UPDATE, case=Case.SAME_RESULT, session=names, rows=rows)


def begun_by(sheet: Sheet, increments: Ints, at: Ints) -> Ints:
    """Per operation how many of these increments of its session were invoked by its return. Cost: a sort."""
    begun = np.sort(sheet.inv[increments])
    base = sheet.base[sheet.session[at]]
    count: Ints = np.searchsorted(begun, sheet.ret[at], side="right") - np.searchsorted(begun, base)
    return count


def _at(told: Ints, key: Ints, wanted: Ints, weight: Ints) -> Ints:
    """Per wanted key the operation of it with the lowest weight."""
    at = np.flatnonzero(np.isin(key, wanted))
    order = at[np.lexsort((weight[told[at]], key[at]))]
    chosen: Ints = told[order[np.searchsorted(key[order], wanted)]]
    return chosen


def _unclaimed(
    sheet: Sheet, counts: Counts, told: Ints, key: Ints, is_read: Flags, value: Ints, start: Ints
) -> Iterator[Marks]:
    """The j-th value that nobody claims needs j increments of unknown outcome, begun before a higher one was known."""
    first_ret = np.full(int(start[-1]), np.iinfo(np.int64).max)
    np.minimum.at(first_ret, key, sheet.ret[told])
    highest = np.zeros(sheet.sessions, np.int64)
    np.maximum.at(highest, sheet.session[told], value)
    claimed = np.zeros(len(first_ret), bool)
    claimed[key[~is_read]] = True
    # one entry per value from 1 to the highest that was seen, session after session
    session = np.repeat(np.arange(sheet.sessions), highest)
    first = np.cumsum(highest) - highest
    number = np.arange(len(session)) - first[session] + 1
    at = start[session] + 2 * number
    gap = np.flatnonzero(~claimed[at])
    if not len(gap):
        return
    known = np.minimum.accumulate(first_ret[::-1])[::-1][at[gap]]
    of_session = session[gap]
    rank = np.arange(len(gap)) - np.searchsorted(of_session, of_session) + 1
    maybe = np.sort(sheet.inv[counts.maybe])
    begun = np.searchsorted(maybe, known, side="right") - np.searchsorted(maybe, sheet.base[of_session])
    short = np.flatnonzero(begun < rank)
    if not len(short):
        return
    short = short[np.concatenate((np.ones(1, bool), of_session[short][1:] != of_session[short][:-1]))]
    # of those that returned at that instant the highest: a lower value is no proof
    by_ret = told[np.lexsort((-key, sheet.ret[told]))]
    witness = by_ret[np.searchsorted(sheet.ret[by_ret], known[short])]
    figures = np.stack((number[gap[short]], rank[short], begun[short]), axis=1)
    yield _marks(sheet, Anomaly.DUPLICATE_EXECUTION, Case.UNCLAIMED, witness, figures)


def _marks(sheet: Sheet, anomaly: Anomaly, case: Case, at: Ints, figures: Ints) -> Marks:
    return Marks(
        anomaly=anomaly,
        case=case,
        session=sheet.names[sheet.session[at]],
        rows=sheet.rows[at][:, None],
        figures=figures if figures.ndim == 2 else figures[:, None],
    )

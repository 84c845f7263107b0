"""Counter, unit increments from 0, each of which tells its result: exact, by one scan over each session's values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.evidence import INCREMENT, INCREMENT_MAYBE, READ
from outlast.checkers.marks import Case, Marks, told_in
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
    value = sheet.columns.counter[sheet.rows[told]]
    has = value != ABSENT
    is_read = (sheet.roles[told] & READ) > 0
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
    Cost: O(n): the values of a session are fewer than twice its increments, the rest is found out at once.
    """
    told, value = counts.told, counts.value
    session = sheet.session[told]
    increments = np.bincount(
        np.concatenate((session[~counts.is_read], sheet.session[counts.maybe])), minlength=sheet.sessions
    )
    lowest = np.where(counts.is_read, 0, 1)
    yield _marks(sheet, Anomaly.LOST_UPDATE, Case.IMPOSSIBLE_COUNT, told[value < lowest], value[value < lowest])
    high = value > increments[session]
    yield from _too_many(sheet, counts, high, increments)
    keep = ~high & (value >= lowest)
    told, value, session, is_read = told[keep], value[keep], session[keep], counts.is_read[keep]
    start = np.concatenate((np.zeros(1, np.int64), np.cumsum(2 * increments + 2)))
    key = start[session] + 2 * value + is_read
    size = int(start[-1])
    first_ret = np.full(size, np.iinfo(np.int64).max)
    last_inv = np.full(size, -1)
    np.minimum.at(first_ret, key, sheet.ret[told])
    np.maximum.at(last_inv, key, sheet.inv[told])
    yield from _same_result(sheet, told, key, is_read, value)
    begun = np.maximum.accumulate(last_inv)
    begun[1:] = begun[:-1]
    begun[:1] = -1
    fell = np.flatnonzero(first_ret < begun)
    if len(fell):
        yield from _fell(sheet, counts, told, key, value, fell, last_inv, start)
    yield from _unclaimed(sheet, counts, told, key, is_read, value, first_ret, start)


def _too_many(sheet: Sheet, counts: Counts, high: Flags, increments: Ints) -> Iterator[Marks]:
    at = np.flatnonzero(high)
    if len(at):
        told = counts.told[at]
        figures = np.stack((counts.value[at], increments[sheet.session[told]]), axis=1)
        yield _marks(sheet, Anomaly.DUPLICATE_EXECUTION, Case.TOO_MANY, told, figures)


def _same_result(sheet: Sheet, told: Ints, key: Ints, is_read: Flags, value: Ints) -> Iterator[Marks]:
    """Two acknowledged increments with one result: one of them is lost."""
    at = np.flatnonzero(~is_read)
    claims = np.bincount(key[at], minlength=1)
    doubled = at[claims[key[at]] > 1]
    if len(doubled):
        order = doubled[np.lexsort((sheet.inv[told[doubled]], key[doubled]))]
        same = np.flatnonzero(key[order][1:] == key[order][:-1])
        first, second = told[order[same]], told[order[same + 1]]
        rows = told_in((sheet.rows[first], sheet.rows[second]))
        yield Marks(
            anomaly=Anomaly.LOST_UPDATE,
            case=Case.SAME_RESULT,
            session=sheet.names[sheet.session[second]],
            rows=rows,
            figures=value[order[same]][:, None],
        )


def _fell(
    sheet: Sheet, counts: Counts, told: Ints, key: Ints, value: Ints, fell: Ints, last_inv: Ints, start: Ints
) -> Iterator[Marks]:
    """The higher value was known before the lower one was asked for: per session the pair at the lowest such key.

    If the higher one exceeds the increments that had begun by then, it is the higher one that is wrong.
    """
    owner = np.searchsorted(start, fell, side="right") - 1
    fell = fell[np.concatenate((np.ones(1, bool), owner[1:] != owner[:-1]))]
    higher = _at(told, key, fell, sheet.ret)
    lower_key = np.array([start_of + int(np.argmax(last_inv[start_of:at])) for start_of, at in _stretches(start, fell)])
    lower = _at(told, key, lower_key, -sheet.inv)
    values = [sheet.columns.counter[sheet.rows[at]] for at in (higher, lower)]
    begun = begun_by(sheet, np.concatenate((told[(sheet.roles[told] & INCREMENT) > 0], counts.maybe)), higher)
    early = values[0] > begun
    yield _marks(
        sheet,
        Anomaly.DUPLICATE_EXECUTION,
        Case.TOO_MANY,
        higher[early],
        np.stack((values[0][early], begun[early]), axis=1),
    )
    yield Marks(
        anomaly=Anomaly.LOST_UPDATE,
        case=Case.FELL,
        session=sheet.names[sheet.session[lower]],
        rows=told_in((sheet.rows[higher], sheet.rows[lower])),
        figures=np.stack(values, axis=1),
    ).only(~early)


def begun_by(sheet: Sheet, increments: Ints, at: Ints) -> Ints:
    """Per operation how many of these increments of its session were invoked by its return. Cost: a sort."""
    begun = np.sort(sheet.inv[increments])
    base = sheet.base[sheet.session[at]]
    count: Ints = np.searchsorted(begun, sheet.ret[at], side="right") - np.searchsorted(begun, base)
    return count


def _stretches(start: Ints, keys: Ints) -> Iterator[tuple[int, int]]:
    owner = np.searchsorted(start, keys, side="right") - 1
    return zip(start[owner].tolist(), keys.tolist(), strict=True)


def _at(told: Ints, key: Ints, wanted: Ints, weight: Ints) -> Ints:
    """Per wanted key the operation of it with the lowest weight."""
    at = np.flatnonzero(np.isin(key, wanted))
    order = at[np.lexsort((weight[told[at]], key[at]))]
    chosen: Ints = told[order[np.searchsorted(key[order], wanted)]]
    return chosen


def _unclaimed(
    sheet: Sheet, counts: Counts, told: Ints, key: Ints, is_read: Flags, value: Ints, first_ret: Ints, start: Ints
) -> Iterator[Marks]:
    """The j-th value that nobody claims needs j increments of unknown outcome, begun before a higher one was known."""
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
    witness = np.searchsorted(np.sort(sheet.ret[told]), known[short])
    witness = told[np.argsort(sheet.ret[told], kind="stable")[witness]]
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

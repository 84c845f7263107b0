"""Counter whose increments do not tell their result: exact, by how many must lie between any two reads."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.counter import begun_by
from outlast.checkers.evidence import INCREMENT, INCREMENT_MAYBE, READ
from outlast.checkers.marks import NO_ROW, Case, Marks, told_in
from outlast.checkers.order import ascending
from outlast.checkers.sheet import Sheet
from outlast.history.columns import ABSENT, Ints

ROWS_MAX = 24
"""A witness that must show many increments shows so many of them; the sentence tells how many there are."""


def blind_marks(sheet: Sheet) -> Iterator[Marks]:
    """Sheet -> findings in the sessions that hold an acknowledged increment without its result.

    (1) A read shows no more than the increments invoked by its return. (2) For reads r1 < r2, and a read of 0 before
    all: v1 + the acknowledged increments strictly between them <= v2. An increment that does tell its result k counts
    as a read of k to what follows and of k - 1 to what precedes. Counter-example to the bounds of each read alone:
    increments [0,1], [2,3], reads 1 at [4,9], 1 at [10,11] agree with every bound but (2) with the read of 0. Cost:
    O(n log n); where an increment spans two reads in a row, O(n log n) in plain Python for that session.
    """
    increments = sheet.where(INCREMENT)
    blind = increments[sheet.told.counter[increments] == ABSENT]
    if not len(blind):
        return
    is_blind = np.zeros(sheet.sessions, bool)
    is_blind[sheet.session[blind]] = True
    increments = increments[is_blind[sheet.session[increments]]]
    maybe = sheet.where(INCREMENT_MAYBE)
    told = sheet.where(READ | INCREMENT)
    told = told[is_blind[sheet.session[told]] & (sheet.told.counter[told] != ABSENT)]
    after = sheet.told.counter[told]
    before = after - ((sheet.roles[told] & INCREMENT) != 0)
    begun = begun_by(sheet, np.concatenate((increments, maybe)), told)
    high = after > begun
    yield Marks(
        anomaly=Anomaly.DUPLICATE_EXECUTION,
        case=Case.TOO_MANY,
        session=sheet.names[sheet.session[told[high]]],
        rows=sheet.rows[told[high]][:, None],
        figures=np.stack((after[high], begun[high]), axis=1),
    )
    for r1, r2, between in _short(sheet, increments, told, after, before):
        rows = [NO_ROW if r1 < 0 else int(sheet.rows[told[r1]]), *sheet.rows[between][:ROWS_MAX].tolist()]
        rows.append(int(sheet.rows[told[r2]]))
        yield Marks(
            anomaly=Anomaly.LOST_UPDATE,
            case=Case.TOO_FEW,
            session=sheet.names[sheet.session[told[[r2]]]],
            rows=told_in(np.array([[row] for row in rows])),
            figures=np.array([[0 if r1 < 0 else after[r1], len(between), before[r2]]]),
        )


def _short(sheet: Sheet, increments: Ints, told: Ints, after: Ints, before: Ints) -> Iterator[tuple[int, int, Ints]]:
    """One violating pair of reads per session (-1: the read of 0 before all), and the increments between them."""
    suspects = _by_prefix(sheet, increments, told, after, before) | _spanned(sheet, increments, told)
    for session in np.flatnonzero(suspects).tolist():
        mine = np.flatnonzero(sheet.session[told] == session)
        of_mine = increments[sheet.session[increments] == session]
        found = _exact(
            sheet.inv[told[mine]], sheet.ret[told[mine]], after[mine], before[mine],
            sheet.inv[of_mine], sheet.ret[of_mine], int(sheet.base[session]),
        )  # fmt: skip
        if found is not None:
            r1, r2 = found
            start = int(sheet.base[session]) if r1 < 0 else int(sheet.ret[told[mine[r1]]])
            stop = int(sheet.inv[told[mine[r2]]])
            between = of_mine[(sheet.inv[of_mine] > start) & (sheet.ret[of_mine] < stop)]
            yield (-1 if r1 < 0 else int(mine[r1])), int(mine[r2]), between


def _by_prefix(sheet: Sheet, increments: Ints, told: Ints, after: Ints, before: Ints) -> np.ndarray:
    """Sessions in which (2) fails even if every increment that spans both reads is left out: O(n log n)."""
    inv, ret = np.sort(sheet.inv[increments]), np.sort(sheet.ret[increments])
    lead = np.int64(2) ** 40
    sessions = np.arange(sheet.sessions)
    # the virtual read of 0 lies on each session's base, before everything of it
    end = np.concatenate((sheet.base, sheet.ret[told]))
    value = np.concatenate((np.zeros(sheet.sessions, np.int64), np.minimum(after, 2**31)))
    owner = np.concatenate((sessions, sheet.session[told]))
    gain = value - np.searchsorted(inv, end, side="right") + owner * lead
    order = ascending(end)
    best = np.maximum.accumulate(gain[order])
    at = np.searchsorted(end[order], sheet.inv[told], side="left") - 1
    finished = np.searchsorted(ret, sheet.inv[told], side="left")
    bad = best[at] - sheet.session[told] * lead + finished > np.minimum(before, 2**31)
    suspects = np.zeros(sheet.sessions, bool)
    suspects[sheet.session[told[bad]]] = True
    return suspects


def _spanned(sheet: Sheet, increments: Ints, told: Ints) -> np.ndarray:
    """Sessions in which an increment spans one read that ends before another begins: there the prefix rule is too
    weak."""
    suspects = np.zeros(sheet.sessions, bool)
    if len(told):
        end, begin = np.sort(sheet.ret[told]), np.sort(sheet.inv[told])
        first_end = end[np.minimum(np.searchsorted(end, sheet.inv[increments]), len(end) - 1)]
        last_begin = begin[np.maximum(np.searchsorted(begin, sheet.ret[increments], side="right") - 1, 0)]
        spanning = (
            (first_end >= sheet.inv[increments]) & (first_end < last_begin) & (last_begin <= sheet.ret[increments])
        )
        suspects[sheet.session[increments[spanning]]] = True
    return suspects


def _exact(
    inv: Ints, ret: Ints, after: Ints, before: Ints, inc_inv: Ints, inc_ret: Ints, base: int
) -> tuple[int, int] | None:
    """Reads and acknowledged increments of one session -> a violating pair of reads, -1 for the read of 0 before all.

    A sweep over time with a tree over the reads in order of their return: prefix add, prefix maximum.
    """
    order = ascending(ret)
    ends = np.concatenate((np.array([base]), ret[order]))
    tree = _Tree([0, *after[order].tolist()])
    by_ret = ascending(inc_ret)
    finished, reach = inc_ret[by_ret].tolist(), np.searchsorted(ends, inc_inv[by_ret], side="left").tolist()
    done = 0
    for r2 in ascending(inv).tolist():
        start = int(inv[r2])
        while done < len(finished) and finished[done] < start:
            tree.add_to_first(reach[done])  # to every read that returned before this increment began
            done += 1
        best, r1 = tree.highest_of_first(int(np.searchsorted(ends, start, side="left")))
        if best > int(before[r2]):
            return (-1 if r1 == 0 else int(order[r1 - 1])), r2
    return None


class _Tree:
    """Numbers in a row: add one to the first k of them, highest of the first k; each in O(log n)."""

    def __init__(self, numbers: list[int]) -> None:
        size = 1
        while size < len(numbers):
            size *= 2
        self._size = size
        low = -(2**62)
        self._best = [(low, -1)] * size + [(n, i) for i, n in enumerate(numbers)] + [(low, -1)] * (size - len(numbers))
        self._more = [0] * (2 * size)
        for node in range(size - 1, 0, -1):
            self._best[node] = max(self._best[2 * node], self._best[2 * node + 1])

    def add_to_first(self, count: int) -> None:
        """Add one to the first `count` numbers."""
        self._add(1, 0, self._size, count)

    def highest_of_first(self, count: int) -> tuple[int, int]:
        """(number, place) of the highest among the first `count`."""
        return self._highest(1, 0, self._size, count)

    def _add(self, node: int, low: int, high: int, count: int) -> None:
        if count <= low:
            return
        if count >= high:
            self._more[node] += 1
            number, place = self._best[node]
            self._best[node] = (number + 1, place)
            return
        middle = (low + high) // 2
        self._add(2 * node, low, middle, count)
        self._add(2 * node + 1, middle, high, count)
        number, place = max(self._best[2 * node], self._best[2 * node + 1])
        self._best[node] = (number + self._more[node], place)

    def _highest(self, node: int, low: int, high: int, count: int) -> tuple[int, int]:
        if count <= low:
            return -(2**62), -1
        if count >= high:
            return self._best[node]
        middle = (low + high) // 2
        number, place = max(
            self._highest(2 * node, low, middle, count), self._highest(2 * node + 1, middle, high, count)
        )
        return number + self._more[node], place

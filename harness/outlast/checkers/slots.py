"""Places in an order of single steps that nobody is known to fill, and who can: earliest deadline first.

Where each step of a counter or a log is known but for some, each unknown place has a window of time, and the windows of
later places begin and end no earlier. Then handing each place in turn to the candidate whose own interval ends first
fills as many places, and serves as many candidates, as can be: any assignment can be turned into this one by exchanging
two of its steps.

That all places are filled and that all who must have a place get one are two questions: if one assignment does the
first and another the second, some assignment does both (Mendelsohn and Dulmage 1958). Counter-example to asking both of
one assignment: a place, one who may have it, one who must and ends later: the first would take it.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from outlast.checkers.order import ascending
from outlast.history.columns import NEVER, Ints

Window = tuple[int, int]
Candidate = tuple[int, int, bool]
"""(inv, ret, must have a place)."""


@dataclass(frozen=True, slots=True)
class Unfilled:
    """No candidate can fill this place (its number)."""

    place: int


@dataclass(frozen=True, slots=True)
class Missed:
    """A candidate that must have a place (its number) finds none."""

    candidate: int


def windows_of(keys: Ints, inv: Ints, ret: Ints, places: Ints, base: int) -> tuple[list[Window], int]:
    """Known steps (n,) in the order of their keys, places (m,) by keys that no step has, an instant before all -> the
    places' windows, and when those after the last step begin.

    A place is filled after the last invocation of the steps below it, and before the first return of those above.
    """
    order = ascending(keys)
    begun = np.maximum.accumulate(np.append(base, inv[order]))
    over = np.minimum.accumulate(np.append(ret[order], NEVER)[::-1])[::-1]
    at = np.searchsorted(keys[order], places)
    return list(zip(begun[at].tolist(), over[at].tolist(), strict=True)), int(begun[-1])


def fill(windows: Sequence[Window], tail: int, candidates: Sequence[Candidate]) -> Unfilled | Missed | None:
    """Windows (from, to) of the places in order, when those after the last one begin, candidates (inv, ret, must have a
    place) -> None if all places can be filled and all who must have one get one. Cost: O(n log n).
    """
    empty, _ = _hand_out(windows, candidates, range(len(candidates)))
    if empty:
        return Unfilled(empty[0])
    _, missed = _hand_out(
        windows, candidates, [c for c, (_, ret, must) in enumerate(candidates) if must and ret < tail]
    )
    return Missed(min(missed)) if missed else None


def _hand_out(
    windows: Sequence[Window], candidates: Sequence[Candidate], some: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Some of the candidates -> (places that none of them fills, those of them that find no place)."""
    waiting = sorted(some, key=lambda c: candidates[c][0])
    ready: list[tuple[int, int]] = []
    empty, missed = [], []
    begun = 0
    for place, (start, stop) in enumerate(windows):
        while begun < len(waiting) and candidates[waiting[begun]][0] <= stop:
            heapq.heappush(ready, (candidates[waiting[begun]][1], waiting[begun]))
            begun += 1
        while ready and ready[0][0] < start:
            missed.append(heapq.heappop(ready)[1])
        if ready:
            heapq.heappop(ready)
        else:
            empty.append(place)
    return empty, [*missed, *(c for _, c in ready), *waiting[begun:]]

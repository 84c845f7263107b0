"""Places in an order of single steps that nobody is known to fill, and who can: earliest deadline first.

Where each step of a counter or a log is known but for some, each unknown place has a window of time, and the windows of
later places begin and end no earlier. Then handing each place in turn to the candidate whose own interval ends first is
exact: any assignment can be turned into this one by exchanging two of its steps.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unfilled:
    """No candidate can fill this place (its number)."""

    place: int


@dataclass(frozen=True, slots=True)
class Missed:
    """A candidate that must have a place (its number) finds none."""

    candidate: int


def fill(
    windows: Sequence[tuple[int, int]], tail: int, candidates: Sequence[tuple[int, int, bool]]
) -> Unfilled | Missed | None:
    """Windows (from, to) of the places in order, when those after the last one begin, candidates (inv, ret, must have a
    place) -> None if all places can be filled and all who must have one get one. Cost: O(n log n).
    """
    waiting = sorted(range(len(candidates)), key=lambda c: candidates[c][0])
    ready: list[tuple[int, int]] = []
    begun = 0
    for place, (start, stop) in enumerate(windows):
        while begun < len(waiting) and candidates[waiting[begun]][0] <= stop:
            heapq.heappush(ready, (candidates[waiting[begun]][1], waiting[begun]))
            begun += 1
        while ready and ready[0][0] < start:
            candidate = heapq.heappop(ready)[1]
            if candidates[candidate][2]:
                return Missed(candidate)
        if not ready:
            return Unfilled(place)
        heapq.heappop(ready)
    late = [c for _, c in ready if candidates[c][2] and candidates[c][1] < tail]
    late += [c for c in waiting[begun:] if candidates[c][2] and candidates[c][1] < tail]
    return Missed(min(late)) if late else None

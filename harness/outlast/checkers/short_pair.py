"""Two reads of a counter with more acknowledged increments between them than the counter grew."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from outlast.checkers.order import ascending
from outlast.checkers.prefix_tree import PrefixTree
from outlast.history.columns import Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """(n,) each. inv, ret: the reads' intervals; after: the least that whatever follows them shows; before: the most
    that whatever precedes them left."""

    inv: Ints
    ret: Ints
    after: Ints
    before: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortPair:
    """first, second: positions of the reads, None for the read of 0 before all. between: (k,) positions of the
    increments that lie wholly between them."""

    first: int | None
    second: int
    between: Ints


def short_pair(reads: Reads, inc_inv: Ints, inc_ret: Ints) -> ShortPair | None:
    """Reads and acknowledged increments of one session -> a pair with after + between > before, None if there is none.

    A sweep over time. The tree holds, over the reads in order of their return, what each showed plus the increments
    that began after it and are over by now. Cost: O(n log n) in plain Python.
    """
    by_ret, over = ascending(reads.ret), ascending(inc_ret)
    ends, finished = reads.ret[by_ret], inc_ret[over].tolist()
    ended_before = np.searchsorted(ends, inc_inv[over]).tolist()
    tree = PrefixTree([0, *reads.after[by_ret].tolist()])
    done = 0
    for second in ascending(reads.inv).tolist():
        start = int(reads.inv[second])
        while done < len(finished) and finished[done] < start:
            tree.add_to_first(1 + ended_before[done])
            done += 1
        most, place = tree.highest_of_first(1 + int(np.searchsorted(ends, start)))
        if most > int(reads.before[second]):
            began_after = np.ones(len(inc_inv), bool)
            first = None
            if place:
                first = int(by_ret[place - 1])
                began_after = inc_inv > reads.ret[first]
            return ShortPair(first=first, second=second, between=np.flatnonzero(began_after & (inc_ret < start)))
    return None

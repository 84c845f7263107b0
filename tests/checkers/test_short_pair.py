"""The pair of reads with too few increments between them, against looking at every pair."""

import random

import numpy as np
import pytest

from outlast.checkers.prefix_tree import PrefixTree
from outlast.checkers.short_pair import Reads, short_pair


@pytest.mark.parametrize("seed", range(40))
def test_the_tree_is_a_list_whose_first_few_grow(seed):
    """The highest of the first few and where it stands, the last of equal ones; for every number of them."""
    dice = random.Random(seed)
    numbers = [dice.randint(0, 6) for _ in range(dice.randint(1, 19))]
    tree = PrefixTree(numbers)
    for _ in range(25):
        for count in range(1, len(numbers) + 1):
            assert max((n, i) for i, n in enumerate(numbers[:count])) == tree.highest_of_first(count)
        grown = dice.randint(1, len(numbers))
        tree.add_to_first(grown)
        numbers = [n + (i < grown) for i, n in enumerate(numbers)]


@pytest.mark.parametrize("most", [4, 12])
def test_a_pair_is_found_where_there_is_one(most):
    """At so few instants that many are equal; the first second read that shows too little, and the best first one."""
    found = 0
    for seed in range(1500):
        dice = random.Random(seed)
        reads, increments = _reads(dice, dice.randint(0, most)), _spans(dice, dice.randint(0, most))
        pair = short_pair(reads, *increments)
        pairs = _pairs(reads, *increments)
        if pair is None:
            assert not pairs
            continue
        found += 1
        assert (pair.first, pair.second) in pairs
        assert min(reads.inv[second] for _, second in pairs) == reads.inv[pair.second]
        assert pairs[pair.first, pair.second] == pair.between.tolist()
        shown = [(0 if f is None else reads.after[f]) + len(b) for (f, s), b in pairs.items() if s == pair.second]
        mine = 0 if pair.first is None else reads.after[pair.first]
        assert max(shown) == mine + len(pair.between)
    assert 300 < found < 1490


def _spans(dice, count):
    """(inv, ret) of so many intervals."""
    inv = np.array([dice.randint(1, 25) for _ in range(count)], np.int64)
    return inv, inv + np.array([dice.choice((0, 1, 2, 9)) for _ in range(count)], np.int64)


def _reads(dice, count):
    inv, ret = _spans(dice, count)
    after = np.array([dice.randint(0, 2) + int(i) // 5 for i in inv], np.int64)
    return Reads(inv=inv, ret=ret, after=after, before=after - np.array([dice.randint(0, 1) for _ in inv], np.int64))


def _pairs(reads, inc_inv, inc_ret):
    """Every violating pair -> the increments between them."""
    pairs = {}
    for second in range(len(reads.inv)):
        for first in (None, *range(len(reads.inv))):
            start = 0 if first is None else reads.ret[first]
            if start < reads.inv[second]:
                between = [
                    i for i in range(len(inc_inv)) if inc_inv[i] > start and inc_ret[i] < reads.inv[second]
                ]  # fmt: skip
                if (0 if first is None else reads.after[first]) + len(between) > reads.before[second]:
                    pairs[first, second] = between
    return pairs

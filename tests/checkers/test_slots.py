"""Unknown places of an order of single steps: the greedy rule against every assignment."""

from itertools import permutations
from random import Random

import numpy as np

from outlast.checkers.slots import Missed, Unfilled, fill, windows_of
from outlast.history.columns import NEVER


def test_nothing_to_fill_and_nobody_who_must_have_a_place_is_fine():
    """No place, no candidate."""
    assert fill([], 0, []) is None
    assert fill([], 0, [(1, 2, False)]) is None


def test_a_place_needs_a_candidate_that_began_by_its_end_and_was_not_over_before_it_began():
    """Touching is enough."""
    assert fill([(2, 4)], 0, [(4, 9, True)]) is None
    assert fill([(2, 4)], 0, [(0, 2, True)]) is None
    assert Unfilled(0) == fill([(2, 4)], 0, [(5, 9, True)])
    assert Unfilled(0) == fill([(2, 4)], 0, [(0, 1, False)])
    assert Unfilled(0) == fill([(2, 4)], 2, [(0, 1, True)])
    assert Unfilled(1) == fill([(2, 4), (3, 4)], 0, [(0, 9, True)])


def test_who_must_have_a_place_finds_it_after_the_last_one_unless_it_was_over_before():
    """After the last place there is always room."""
    assert fill([], 5, [(0, 5, True)]) is None
    assert Missed(0) == fill([], 5, [(0, 4, True)])
    assert fill([], 5, [(0, 4, False)]) is None
    assert Missed(1) == fill([(0, 9)], 9, [(0, 1, True), (0, 2, True)])
    assert Missed(1) == fill([], 9, [(0, 1, False), (2, 3, True), (0, 8, True)])


def test_it_agrees_with_every_assignment():
    """Of up to three places and four candidates; windows of later places begin and end no earlier."""
    dice, agreed = Random(3), set()
    for _ in range(3000):
        starts, stops = (sorted(dice.randrange(6) for _ in range(dice.randrange(4))) for _ in range(2))
        windows = [(a, max(a, b)) for a, b in zip(starts, stops, strict=False)]
        tail = max((start for start, _ in windows), default=0) + dice.randrange(2)
        candidates = [
            (inv, inv + dice.randrange(4), dice.random() < 0.5) for inv in (dice.randrange(6) for _ in range(4))
        ][: dice.randrange(5)]
        possible = any(
            all(candidates[c][0] <= stop and candidates[c][1] >= start
                for c, (start, stop) in zip(chosen, windows, strict=True))
            and all(not must or ret >= tail for c, (_, ret, must) in enumerate(candidates) if c not in chosen)
            for chosen in permutations(range(len(candidates)), len(windows))
        )  # fmt: skip
        agreed.add(possible)

        assert possible == (fill(windows, tail, candidates) is None), (windows, tail, candidates)
    assert {True, False} == agreed


def test_a_window_lies_between_the_steps_below_a_place_and_those_above_it():
    """Whatever their order in the array; with nothing below it begins before all, with nothing above it never ends."""
    dice = Random(5)
    for _ in range(300):
        keys = np.array([2 * dice.randrange(6) for _ in range(dice.randrange(7))], np.int64)
        inv = np.array([dice.randrange(20) for _ in keys], np.int64)
        ret = inv + np.array([dice.randrange(9) for _ in keys], np.int64)
        places = np.array(sorted(dice.sample(range(-1, 12, 2), dice.randrange(1, 5))), np.int64)
        windows, tail = windows_of(keys, inv, ret, places, -3)

        assert tail == max(inv, default=-3)
        assert windows == [
            (
                max((i for i, key in zip(inv, keys, strict=True) if key < place), default=-3),
                min((r for r, key in zip(ret, keys, strict=True) if key > place), default=NEVER),
            )
            for place in places
        ]

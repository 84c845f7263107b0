"""Where a curve crosses its gate."""

from __future__ import annotations

import math

import pytest

from outlast.bench.attack import crossing


def test_between_two_points_by_ratio():
    """From 100 ms at 2/s to 400 ms at 8/s, 200 ms lies half way by ratio: 4/s."""
    assert crossing([(1, 50), (2, 100), (8, 400)], 200) == pytest.approx(4)


def test_the_first_crossing_counts():
    """A later rate that happened to be quick changes nothing."""
    assert crossing([(2, 100), (8, 400), (16, 150), (32, 900)], 200) == pytest.approx(4)


def test_ends_of_the_curve():
    """Broken from the start: the first rate; by requests that were never answered: the rate that did it; else none."""
    assert crossing([(2, 300)], 200) == 2
    assert crossing([(2, 100), (8, math.inf)], 200) == 8
    with pytest.raises(ValueError, match="none of 2 points is above 200"):
        crossing([(2, 100), (8, 200)], 200)

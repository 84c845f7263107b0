"""The exact binomial upper bound."""

import pytest
from scipy.stats import binom

from outlast.checkers.bounds import upper_bound


@pytest.mark.parametrize(("found", "trials"), [(0, 1), (0, 300), (1, 2), (3, 10), (33, 1004), (999, 1000)])
def test_at_the_bound_so_few_are_just_still_possible(found, trials):
    """The probability of finding no more is 5 %."""
    assert 0.05 == pytest.approx(binom.cdf(found, trials, upper_bound(found, trials)))


def test_the_ends():
    """All of them: nothing is excluded; none tried: nothing is known."""
    assert 1.0 == upper_bound(5, 5)
    assert upper_bound(0, 0) is None
    assert 0.044 == round(upper_bound(33, 1004), 3)

"""The order of some values."""

import numpy as np

from outlast.checkers.order import ascending, holders


def test_of_equal_values_the_earlier_place_comes_first():
    """However many: small arrays are sorted stably anyway."""
    assert [1, 3, 0, 2] == ascending(np.array([2, 1, 2, 1])).tolist()
    many = np.tile([1, 0], 1000)
    assert [*range(1, 2000, 2), *range(0, 2000, 2)] == ascending(many).tolist()


def test_the_holder_is_the_place_of_the_highest_so_far():
    """Of equal ones the last."""
    assert [0, 0, 2, 2, 4, 5] == holders(np.array([3, 1, 4, 1, 5, 5])).tolist()
    assert [] == holders(np.array([], np.int64)).tolist()

"""Operations in words: where they were asked, and when."""

import pytest
from tests.checkers.operations import alive, wrote

from outlast.checkers.telling import Teller
from outlast.history.columns import Columns

S = 1_000_000_000


def told(operation, zero_ns=0):
    """An operation, in words."""
    return Teller(Columns.of([operation]), zero_ns).operation(0)


def test_what_went_past_the_balancer_tells_where_it_went():
    """What went through it does not."""
    assert "read at store [2 ns, 3 ns] -> alive by app-1" == told(alive((2, 3), via="store", replica="app-1"))
    assert "read with the kept cookie at replica:app-2 [2 ns, 3 ns] -> alive" == told(
        alive((2, 3), via="replica:app-2", jar="kept")
    )
    assert "write of 'v' [2 ns, 3 ns] ok" == told(wrote("v", (2, 3)))


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        ((0, 999_999), "[0.000 s, 999999 ns]"),
        ((1_000_000, 1_000_001), "[0.001 s, 0.001 s]"),
        ((-5, 1), "[-5 ns, 1 ns]"),
        ((S, 10**6 * S), "[1.000 s, 1000000.000 s]"),
    ],
)
@pytest.mark.parametrize("zero_ns", [0, 7 * S])
def test_instants_are_told_as_finely_as_it_takes(interval, words, zero_ns):
    """Since the first of the history: below a millisecond in nanoseconds, else in seconds."""
    start, end = interval

    assert f"read {words} -> alive" == told(alive((zero_ns + start, zero_ns + end)), zero_ns)

"""Rules of the axes."""

from __future__ import annotations

import pytest

from outlast.render.scale import Linear, Logarithmic, Times

S = 1_000_000_000


@pytest.mark.parametrize("span_s", [0.3, 5, 18, 95, 3600, 86_400])
def test_times_have_few_round_ticks(span_s: float) -> None:
    """Never so many that they touch, and each inside the chart."""
    ticks = Times(-S, int((span_s - 1) * S), 0).ticks()

    assert len(ticks) <= 12
    assert all(0 <= tick.place <= 100 for tick in ticks)


def test_zero_is_where_it_was_said() -> None:
    """The tick of 0 s lies at zero_ns, and before it times are negative."""
    ticks = {tick.label: tick.place for tick in Times(90 * S, 110 * S, 100 * S).ticks()}

    assert 50 == ticks["0 s"]
    assert "\u221210 s" in ticks


@pytest.mark.parametrize("most", [0, 0.3, 1, 304, 999, 1000, 1e7])
def test_the_top_is_not_below_the_greatest_value(most: float) -> None:
    """And not so high above it that the curve is flat."""
    top = Linear.over(most).top

    assert most * 0.999 <= top <= max(1.0, most * 2.01)


def test_a_value_outside_is_held_inside() -> None:
    """What is cut off lies on the edge, not outside of the picture."""
    assert (0, 100) == (Linear(10).percent(99), Linear(10).percent(-1))
    assert (0, 100) == (Logarithmic(0, 3).percent(1e9), Logarithmic(0, 3).percent(0))


def test_decades() -> None:
    """Each decade is as high as the next, and named in its unit."""
    ticks = Logarithmic.over(1.5, 900).ticks()

    assert [("1 ms", 100), ("10 ms", 66.67), ("100 ms", 33.33), ("1 s", 0)] == [(t.label, t.place) for t in ticks]

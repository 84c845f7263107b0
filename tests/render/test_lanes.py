"""Rules of the lanes of affected sessions."""

from __future__ import annotations

import numpy as np

from outlast.render.affected import Affected, Span
from outlast.render.lanes import ROWS_MAX, lanes_of
from outlast.render.scale import Times

TIMES = Times(0, 1000, 0)


def lost(name: str, gone_ns: int = 500) -> Affected:
    spans = (Span("alive", 0, 400), Span("blind", 400, gone_ns), Span("gone", gone_ns, 1000))
    return Affected(session=name, findings=(), rows=np.zeros(0, np.int64), spans=spans)


def silent(name: str) -> Affected:
    return Affected(session=name, findings=(), rows=np.zeros(0, np.int64))


def test_no_answer_no_lane() -> None:
    """A session without an answer has no row, and does not push the others out of place."""
    assert lanes_of([silent("a")], TIMES) is None
    lanes = lanes_of([silent("a"), lost("b")], TIMES)

    assert lanes is not None
    assert (1,) == lanes.shown


def test_each_state_is_one_path() -> None:
    """However many sessions, the picture has three shapes."""
    lanes = lanes_of([lost("a"), lost("b", 700)], TIMES)

    assert lanes is not None
    assert ["alive", "blind", "gone"] == [state for state, _ in lanes.paths]
    assert "M500 6H1000M700 18H1000" == dict(lanes.paths)["gone"]


def test_many_are_thinned_out_evenly() -> None:
    """The first and nearly the last are there, and the picture keeps its height."""
    lanes = lanes_of([lost(str(n)) for n in range(5000)], TIMES)

    assert lanes is not None
    assert ROWS_MAX == len(lanes.shown)
    assert 0 == lanes.shown[0]
    assert lanes.shown[-1] > 4900
    assert lanes.height_px < 600

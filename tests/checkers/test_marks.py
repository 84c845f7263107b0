"""Marks: witnesses without holes or repetitions, and each session's same loss once."""

import numpy as np
import pytest

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.findings import allowed_in, once_per_session
from outlast.checkers.marks import NO_ROW, Case, Marks, told_in


def marks(*sessions, allowed=False, anomaly=Anomaly.STALE_READ, first_row=0):
    """Findings in these sessions, each with a row and a figure of its own."""
    rows = np.arange(first_row, first_row + len(sessions))
    return Marks(anomaly=anomaly, case=Case.GONE, session=np.array(sessions, np.int64), rows=rows[:, None],
                 figures=rows[:, None], allowed=allowed)  # fmt: skip


def kept(*several):
    """(session, row) of what is left of them."""
    return [
        (s, r) for some in once_per_session(several).get(Anomaly.STALE_READ, [])
        for s, r in zip(some.session.tolist(), some.rows[:, 0].tolist(), strict=True)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ([[1], [2], [3]], [[1, 2, 3]]),
        ([[NO_ROW], [2], [3]], [[NO_ROW, 2, 3]]),
        ([[1], [NO_ROW], [3]], [[NO_ROW, 1, 3]]),
        ([[1], [2], [NO_ROW]], [[NO_ROW, 1, 2]]),
        ([[3], [2], [3]], [[NO_ROW, 2, 3]]),
        ([[1], [1], [2]], [[NO_ROW, 1, 2]]),
        ([[5], [5], [5]], [[NO_ROW, NO_ROW, 5]]),
        ([[1, 4], [2, NO_ROW], [1, 6]], [[NO_ROW, 2, 1], [NO_ROW, 4, 6]]),
        ([[0], [7]], [[0, 7]]),
        ([[], []], []),
    ],
)
def test_a_line_tells_each_row_once_where_it_comes_last(columns, told):
    """Holes go to the front, so that the last row stays the one that gave it away."""
    assert told == told_in([np.array(column, np.int64) for column in columns]).tolist()


def test_the_first_finding_of_a_session_stays():
    """Within one mark, and over several in the order of the models."""
    assert [(3, 0), (1, 1)] == kept(marks(3, 1, 3))
    assert [(3, 0), (1, 1), (2, 11)] == kept(marks(3, 1), marks(1, 2, first_row=10))
    assert [(1, 0)] == kept(marks(1), marks(1, first_row=10))
    assert [] == kept(marks()) == kept()


def test_what_is_not_allowed_comes_before_what_is():
    """Else a finding that fails would hide behind one that is permitted."""
    assert [(1, 10)] == kept(marks(1, allowed=True), marks(1, first_row=10))
    assert [(1, 0)] == kept(marks(1), marks(1, allowed=True, first_row=10))
    assert [(2, 1), (1, 2)] == kept(marks(1, 2, 1, allowed=np.array([True, True, False])))


def test_each_failed_request_counts():
    """Not once per session."""
    failed = marks(1, 1, 2, anomaly=Anomaly.FAILED_REQUEST)

    assert [3] == [len(some) for some in once_per_session([failed])[Anomaly.FAILED_REQUEST]]


def test_each_anomaly_is_counted_by_itself():
    """A session may suffer several."""
    once = once_per_session([marks(1), marks(1, anomaly=Anomaly.LOST_WRITE), marks(2)])

    assert {Anomaly.STALE_READ: [1, 1], Anomaly.LOST_WRITE: [1]} == {
        name: [len(some) for some in several] for name, several in once.items()
    }


def test_some_of_the_marks_keep_all_that_is_theirs():
    """Rows, figures, and what is allowed: for all, or one by one."""
    some = marks(5, 6, 7, allowed=np.array([True, False, True])).only(np.array([0, 2]))

    assert ([5, 7], [[0], [2]], [[0], [2]], [True, True]) == (
        some.session.tolist(), some.rows.tolist(), some.figures.tolist(), some.allowed.tolist()
    )  # fmt: skip
    assert [True, True] == allowed_in(marks(5, 6, allowed=True)).tolist()
    assert [False, True] == allowed_in(marks(5, 6, allowed=np.array([False, True]))).tolist()
    assert marks(5, 6, allowed=True).only(np.array([1])).allowed is True
    bare = Marks(anomaly=Anomaly.STALE_READ, case=Case.GONE, session=np.arange(2), rows=np.zeros((2, 1), np.int64))
    assert bare.only(np.array([1])).figures is None

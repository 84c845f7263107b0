"""The survey's one question about keys: does any increment carry another's?"""

from __future__ import annotations

import pytest
from tests.checkers.operations import tried

from outlast.checkers.survey import _has_retries
from outlast.history.columns import Columns


def keyed(*numbers: int) -> Columns:
    """An increment for each of these numbers of keys."""
    columns = Columns.of([tried(f"k{at}", (at, at + 1)) for at in range(len(numbers))])
    columns.attempt[:] = numbers
    return columns


@pytest.mark.parametrize("far", [2, 10_000_000])
def test_keys_that_lie_near_or_far_apart(far):
    """By a mark for each, or by a sort where their numbers have large gaps."""
    assert not _has_retries(keyed(1, 0, far))
    assert _has_retries(keyed(1, far, 1))
    assert not _has_retries(keyed(far))


def test_without_an_increment_nothing_is_tried_again():
    """Nor without a key."""
    assert not _has_retries(keyed())
    assert not _has_retries(keyed(-1, -1))

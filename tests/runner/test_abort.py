"""When a run is broken off."""

from __future__ import annotations

import pytest

from outlast.errors import UsageError
from outlast.runner.abort import Abort, Recent


@pytest.mark.parametrize(
    ("abort", "recent", "why"),
    [
        (Abort(lost_sessions=5), Recent(100, 0, 5), None),
        (Abort(lost_sessions=5), Recent(100, 0, 6), "6 sessions were lost, of 5 allowed"),
        (Abort(lost_sessions=0), Recent(0, 0, 1), "1 sessions were lost, of 0 allowed"),
        (Abort(failed_share=0.5), Recent(100, 50, 99), None),
        (Abort(failed_share=0.5), Recent(100, 51, 0), "51% of the operations failed, of 50% allowed"),
        (Abort(failed_share=0.5), Recent(19, 19, 0), None),
        (Abort(failed_share=0.5, lost_sessions=5), Recent(100, 0, 6), "6 sessions were lost, of 5 allowed"),
        (Abort(failed_share=0.5, lost_sessions=5), Recent(100, 90, 0), "90% of the operations failed, of 50% allowed"),
        (Abort(failed_share=0.0), Recent(), None),
    ],
)
def test_what_ends_a_run(abort: Abort, recent: Recent, why: str | None) -> None:
    """Above a limit, never at it; a share of a handful of operations says nothing."""
    assert why == abort.reason(recent)


@pytest.mark.parametrize(
    ("limits", "why"),
    [({}, "never aborts"), ({"failed_share": 1.0}, "below 1"), ({"lost_sessions": -1}, "not below zero")],
)
def test_limits_that_make_no_sense(limits: dict[str, float], why: str) -> None:
    """Told when the experiment is written."""
    with pytest.raises(UsageError, match=why):
        Abort(**limits)

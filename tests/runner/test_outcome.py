"""What a test may demand of a run, and what the exit code follows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from outlast.checkers.verdict import Verdict
from outlast.runner.outcome import NothingProven, Outcome, PromiseBroken


def outcome(verdict: str, kept: bool | str | None = "undeclared", **anomalies: int) -> Outcome:
    document: dict[str, Any] = {
        "verdict": verdict,
        "architecture": "sticky-memory",
        "reasons": ["lost-session: 33 > 0"],
        "anomalies": {name.replace("_", "-"): {"count": count, "allowed": 0} for name, count in anomalies.items()},
    }
    if kept != "undeclared":
        document["expectation"] = {"promise": "loses exactly the victim's sessions", "kept": kept}
    return Outcome(document, Path("reports/x/sticky-memory"))


@pytest.mark.parametrize(
    ("verdict", "kept", "came_to"),
    [
        ("fail", True, Verdict.PASS),
        ("pass", False, Verdict.FAIL),
        ("pass", None, Verdict.INCONCLUSIVE),
        ("pass", "undeclared", Verdict.PASS),
        ("fail", "undeclared", Verdict.FAIL),
        ("inconclusive", "undeclared", Verdict.INCONCLUSIVE),
        ("error", True, Verdict.ERROR),
    ],
)
def test_the_exit_code_follows_the_expectation_where_one_is_declared(verdict: str, kept: Any, came_to: Verdict) -> None:
    """formats.md 3: expectation first, else the verdict; an error stays an error."""
    assert came_to is outcome(verdict, kept).came_to


def test_a_broken_promise_tells_what_was_promised_and_where_the_report_is() -> None:
    """The failure text alone says what happened and where to look."""
    with pytest.raises(PromiseBroken, match=r"loses exactly the victim's sessions.*lost-session: 33 > 0.*report\.html"):
        outcome("fail", False).must_keep_its_promise()


def test_nothing_proven_is_not_a_pass() -> None:
    """Unknown is never green."""
    with pytest.raises(NothingProven):
        outcome("inconclusive", None).must_keep_its_promise()
    with pytest.raises(NothingProven):
        outcome("inconclusive").must_lose_nothing()
    with pytest.raises(NothingProven):
        outcome("inconclusive").must_pass()


def test_a_loss_is_a_loss_even_where_the_promise_allows_it() -> None:
    """must_lose_nothing does not care what was promised."""
    with pytest.raises(PromiseBroken, match="lost-write: 2"):
        outcome("fail", True, lost_write=2).must_lose_nothing()


def test_what_is_kept_passes() -> None:
    """Each demand is met by a run that meets it."""
    good = outcome("pass", True)

    good.must_keep_its_promise()
    good.must_lose_nothing()
    good.must_pass()
    assert Verdict.PASS is good.came_to

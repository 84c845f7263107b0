"""Rules of the one sentence at the top."""

from __future__ import annotations

from typing import Any

import pytest

from outlast.render.document import document_of
from outlast.render.headline import headline

KILL = [{"name": "kill", "nodes": ["app-2"], "proven": True, "healed": True}]
COUNTS = {"sessions": 300, "acknowledged_writes": 4000, "operations": 9000}


def told(**fields: Any) -> str:
    return headline(document_of({"faults": KILL, "counts": COUNTS, **fields})).sentence


def test_losses_come_first() -> None:
    """Who was lost, of how many, and what was done."""
    assert "98 of 300 sessions were lost when app-2 was killed." == told(
        verdict="fail",
        anomalies={"lost-session": {"count": 90}, "recreated-session": {"count": 8}, "lost-write": {"count": 5}},
    )


def test_writes_alone() -> None:
    """Where no session is lost, the writes are the news."""
    assert "1 acknowledged write was lost when app-2 was killed." == told(
        verdict="fail", anomalies={"lost-write": {"count": 1}}
    )


def test_a_pass_says_what_was_at_risk() -> None:
    """A pass names what lived on, and through what."""
    assert "None of 300 sessions and none of 4,000 acknowledged writes was lost when app-2 was killed." == told(
        verdict="pass"
    )


@pytest.mark.parametrize("verdict", ["inconclusive", "error"])
def test_no_verdict_claims_nothing(verdict: str) -> None:
    """A run that proves nothing says why, and never that nothing was lost."""
    sentence = told(verdict=verdict, reasons=["nothing lived on app-2"])

    assert "nothing lived on app-2" in sentence
    assert "lost" not in sentence


def test_a_gate_that_was_not_met_without_a_loss() -> None:
    """The first reason tells which."""
    assert "failed-request: 5 % > 1 %" in told(verdict="fail", reasons=["failed-request: 5 % > 1 %"])


def test_without_a_fault() -> None:
    """A loss with nothing broken on purpose says so."""
    assert "with nothing broken on purpose" in told(verdict="fail", faults=[], anomalies={"lost-session": {"count": 1}})


def test_the_promise_is_told_apart_from_the_verdict() -> None:
    """A broken promise says why; an untested one does not say it was kept."""
    broken = {"promise": "loses nothing", "kept": False, "reasons": ["s1 was not on the victim"]}
    unsure = {"promise": "loses nothing", "kept": None}

    assert "not what happened: s1 was not on the victim." in headline(document_of({"expectation": broken})).promise
    assert "could not tell" in headline(document_of({"expectation": unsure})).promise

"""Rules of reading a verdict.json of any age."""

from __future__ import annotations

from typing import Any

import pytest

from outlast.checkers.verdict import Verdict
from outlast.render.document import document_of


def test_an_empty_document_is_no_pass() -> None:
    """What tells no verdict proves nothing."""
    document = document_of({})

    assert Verdict.INCONCLUSIVE is document.verdict
    assert Verdict.INCONCLUSIVE is document.come_to


def test_a_verdict_of_a_later_version_is_no_pass() -> None:
    """A word nobody knows is not read as good news."""
    assert Verdict.INCONCLUSIVE is document_of({"verdict": "splendid"}).verdict


@pytest.mark.parametrize(
    ("verdict", "expectation", "come_to"),
    [
        ("fail", {"promise": "loses the victim's", "kept": True}, Verdict.PASS),
        ("pass", {"promise": "loses the victim's", "kept": False}, Verdict.FAIL),
        ("pass", {"promise": "loses nothing", "kept": None}, Verdict.INCONCLUSIVE),
        ("error", {"promise": "loses nothing", "kept": True}, Verdict.ERROR),
        ("fail", None, Verdict.FAIL),
    ],
)
def test_what_a_run_comes_to(verdict: str, expectation: dict[str, Any] | None, come_to: Verdict) -> None:
    """The promise counts where one is declared, unless the run is an error."""
    assert come_to is document_of({"verdict": verdict, "expectation": expectation}).come_to


def test_what_is_of_the_wrong_type_is_left_out() -> None:
    """A damaged or foreign document opens all the same."""
    document = document_of(
        {
            "verdict": ["pass"],
            "reasons": "one",
            "seed": "seven",
            "counts": [1],
            "anomalies": {"lost-session": None, "lost-write": {"count": "many", "upper_bound_95": 3}},
            "witnesses": [7, {"operations": "none"}],
            "faults": {"name": "kill"},
            "recovery_s": float("nan"),
            "gates": [{"limit": True}, None],
            "not_tested": [1, "power loss"],
            "expectation": "kept",
        }
    )

    assert (0, 0) == (document.found("lost-session"), document.found("lost-write"))
    assert document.recovery_s is None
    assert ("power loss",) == document.not_tested
    assert not document.has_promise


def test_the_stages_of_a_rollout_are_read_with_the_same_mistrust() -> None:
    """A number that is none counts as nothing."""
    (stage, odd) = document_of(
        {"rollout": [{"upgraded": 1, "replicas": 3, "asked": 20, "missing": 9}, {"upgraded": "<b>", "asked": None}, 7]}
    ).rollout

    assert (1, 3, 20, 9) == (stage.upgraded, stage.replicas, stage.asked, stage.missing)
    assert (0, 0, 0, 0) == (odd.upgraded, odd.replicas, odd.asked, odd.missing)


def test_the_spread_over_the_replicas_is_read_with_the_same_mistrust() -> None:
    """A number that is none counts as nothing; a name is made plain."""
    told = document_of(
        {
            "spread": {
                "replicas": {
                    "app-1": {"operations": 20, "sessions": 3, "read_ms_p95": 1.5},
                    "app\x1b-2": {"sessions": "<b>"},
                },
                "imbalance": 2,
                "joined": {"app-4": {"old": 10, "old_here": 1, "new": 4, "new_here": None}, "app-5": 7},
            }
        }
    ).spread

    assert told is not None
    one, odd = told.replicas
    assert ("app-1", 20, 3, 1.5) == (one.name, one.operations, one.sessions, one.read_ms_p95)
    assert (0, 0, None) == (odd.operations, odd.sessions, odd.read_ms_p95)
    assert "\x1b" not in odd.name
    assert 2.0 == told.imbalance
    assert [("app-4", 10, 1, 4, 0), ("app-5", 0, 0, 0, 0)] == [
        (new.name, new.old, new.old_here, new.new, new.new_here) for new in told.joined
    ]
    assert document_of({}).spread is None

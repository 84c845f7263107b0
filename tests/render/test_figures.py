"""Rules of the figures that every table shows, and of the gates' rows."""

from __future__ import annotations

from typing import Any

from outlast.render.document import document_of
from outlast.render.figures import Figure, figures
from outlast.render.gate_rows import gate_rows

CLEAN: dict[str, Any] = {
    "verdict": "pass",
    "counts": {"sessions": 300, "acknowledged_writes": 1000, "operations": 9000, "failed_requests": 9},
    "exposure": {"faults": 1, "sessions_on_victim": 100},
    "anomalies": {
        "lost-session": {"count": 0, "upper_bound_95": {"per_session": 0.0295, "per_fault": 0.95}},
        "lost-write": {"count": 0, "upper_bound_95": {"per_session": 0.003, "per_fault": 0.95}},
    },
    "longest_stall_ms": 1200.0,
    "recovery_s": 0.8,
}


def shown(**fields: Any) -> dict[str, Figure]:
    return {figure.key: figure for figure in figures(document_of({**CLEAN, **fields}))}


def test_every_zero_has_its_bound() -> None:
    """Nothing found is not nothing there: per session and per fault, with how many faults there were."""
    bounds = shown()["bounds"].value

    assert "sessions 3 %" in bounds or "sessions 2.9 %" in bounds
    assert "writes 0.3 %" in bounds
    assert "per fault 95 % (from 1 fault)" in bounds


def test_no_bound_beside_a_loss() -> None:
    """Where something was lost the bound of the zero is not told."""
    bounds = shown(
        anomalies={**CLEAN["anomalies"], "lost-session": {"count": 3, "upper_bound_95": {"per_session": 0.1}}}
    )

    assert "no zero" == bounds["bounds"].value


def test_writes_of_lost_sessions_are_no_good_news() -> None:
    """A lost session takes its writes with it: the zero beside it is not green, and says so."""
    writes = shown(anomalies={**CLEAN["anomalies"], "lost-session": {"count": 3}})["lost_writes"]

    assert "neutral" == writes.tone
    assert "lost sessions held" in writes.note


def test_nothing_lost_is_good_news_only_where_it_could_have_been() -> None:
    """A zero of a run that proves nothing is not green, and no bound is claimed."""
    lost = shown(verdict="inconclusive")["lost_sessions"]

    assert ("0", "unsure") == (lost.value, lost.tone)
    assert "%" not in lost.note


def test_a_run_that_was_not_judged_has_no_zero() -> None:
    """Nothing was looked for, so nothing is counted."""
    assert {"\u2013"} == {shown(verdict="error", anomalies={})[key].value for key in ("lost_sessions", "lost_writes")}


def test_failed_requests_come_with_the_longest_stall() -> None:
    """How many, how large a share, and how long somebody waited."""
    failed = shown()["failed_requests"]

    assert ("9 (0.1 %)", "longest stall 1.20 s") == (failed.value, failed.note)


def test_a_recovery_that_was_not_seen() -> None:
    """Is not told as zero."""
    assert "not seen" == shown(recovery_s=None, faults=[{"name": "kill"}])["recovery"].value


def test_gates_that_were_not_met_come_first() -> None:
    """And what was found without a gate comes last, without a result."""
    rows = gate_rows(
        document_of(
            {
                "gates": [
                    {"name": "session-leak", "limit": 0, "value": 0, "ok": True},
                    {"name": "lost-session", "limit": 0, "value": 3, "ok": False},
                ],
                "anomalies": {
                    "lost-session": {"count": 3, "allowed": 2, "upper_bound_95": {"per_session": 0.1}},
                    "affinity-flap": {"count": 7},
                },
                "counts": {"sessions": 300},
            }
        )
    )

    assert [("lost-session", False), ("session-leak", True), ("affinity-flap", None)] == [(r.name, r.ok) for r in rows]
    assert ("3, 2 more allowed", "300 sessions at risk", "0") == (rows[0].value, rows[0].trials, rows[0].limit)
    assert ("7", "") == (rows[2].value, rows[2].limit)


def test_only_dull_gates_are_quiet() -> None:
    """Met with nothing found, and not among those that everybody looks for; never one that was not met."""
    gates = [("lost-session", 0, True), ("stale-read", 0, True), ("split-brain", 2, False), ("late-expiry", 3, True)]
    rows = gate_rows(document_of({"gates": [{"name": n, "limit": 5, "value": v, "ok": ok} for n, v, ok in gates]}))

    assert ["stale-read"] == [row.name for row in rows if row.quiet]


def test_gates_are_written_in_their_unit() -> None:
    """Seconds, milliseconds, shares and counts."""
    gates = [("recovery_s", 5, 0.8), ("p99_ms", 500, 12.3), ("failed-request", 0.01, 0.0031), ("lost-write", 0, 2)]
    rows = gate_rows(document_of({"gates": [{"name": n, "limit": a, "value": b, "ok": True} for n, a, b in gates]}))

    assert ["0.80 s", "12.3 ms", "0.31 %", "2"] == [row.value for row in rows]

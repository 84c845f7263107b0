"""Rules of the runs of one invocation beside one another."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.render.made_folder import Made, new_invocation_at

from outlast.archive.invocation import Invocation
from outlast.archive.plan import PLAN_FILE, Plan, write_plan
from outlast.checkers.verdict import Verdict
from outlast.render.side_by_side import sentence, side_by_side


def one_run(invocation: Invocation, architecture: str, verdict: str | None, kept: bool | None = None) -> None:
    run = invocation.new_run(architecture)
    plan = Plan(
        experiment="replica_kill",
        hypothesis="It lives on.",
        architecture=architecture,
        engine="local",
        engine_reason="",
        seed=7,
        run_id="x",
        load={},
    )
    write_plan(run.path / PLAN_FILE, plan)
    if verdict is not None:
        document = {"verdict": verdict, "architecture": architecture, "reasons": ["so it is"]}
        if kept is not None:
            document |= {"expectation": {"promise": "loses nothing", "kept": kept}}
        run.write_verdict(document)


def test_every_row_has_every_run(invocation: Invocation, lossy: Made, clean: Made) -> None:
    """The columns are the runs in the order in which they were made, and no cell is missing."""
    side = side_by_side(invocation)

    assert ["sticky-memory", "redis-aof"] == [column.name for column in side.columns]
    assert {2} == {len(row.cells) for row in side.rows}
    lost = next(row for row in side.rows if row.key == "lost_sessions")
    assert [str(lossy.verdict["anomalies"]["lost-session"]["count"]), "0"] == [cell.value for cell in lost.cells]
    assert all((invocation.path / column.report).is_file() for column in side.columns)


def test_a_loss_that_was_promised_is_a_pass(invocation: Invocation, lossy: Made, clean: Made) -> None:
    """Together the runs come to what the exit code follows."""
    side = side_by_side(invocation)

    assert Verdict.PASS is side.come_to
    lost, sessions = (lossy.verdict["anomalies"]["lost-session"]["count"], lossy.verdict["counts"]["sessions"])
    assert "Both runs did what was declared for them" in sentence(side)
    assert f": sticky-memory lost {lost} of {sessions} sessions, redis-aof lost none." in sentence(side)


@pytest.mark.parametrize(
    ("runs", "come_to", "told"),
    [
        ([("a", "pass", True), ("b", "pass", False)], Verdict.FAIL, "1 of 2 runs did not do what was declared: b."),
        ([("a", "pass", None), ("b", "fail", None)], Verdict.FAIL, "1 of 2 runs failed: b."),
        ([("a", "pass", True), ("b", "inconclusive", None)], Verdict.INCONCLUSIVE, "1 of 2 runs proved nothing: b."),
        ([("a", "fail", None), ("b", None, None)], Verdict.ERROR, "1 of 2 runs did not come to an end: b."),
        ([], Verdict.INCONCLUSIVE, "No run was made."),
    ],
)
def test_the_gravest_run_speaks(tmp_path: Path, runs: list[tuple], come_to: Verdict, told: str) -> None:  # type: ignore[type-arg]
    """One that failed, proved nothing or was never judged is named."""
    invocation = new_invocation_at(tmp_path / "made")
    for run in runs:
        one_run(invocation, *run)

    side = side_by_side(invocation)

    assert come_to is side.come_to
    assert told == sentence(side)


def test_a_damaged_verdict_is_an_error_among_the_others(tmp_path: Path, lossy: Made) -> None:
    """It does not take the other runs down with it."""
    invocation = new_invocation_at(tmp_path / "made")
    one_run(invocation, "a", "pass", True)
    one_run(invocation, "b", "pass", True)
    (invocation.path / "b" / "verdict.json").write_text("{")

    side = side_by_side(invocation)

    assert [Verdict.PASS, Verdict.ERROR] == [column.document.verdict for column in side.columns]
    assert "b" == side.columns[1].name

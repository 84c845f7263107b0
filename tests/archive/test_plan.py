"""A plan is complete on disk: read back, it is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from outlast.archive.plan import Plan, PlannedFault, read_plan, write_plan
from outlast.errors import FormatError
from outlast.history.history import Guarantee

LATE = PlannedFault(
    name="pause",
    nodes=(),
    at_s=5.0,
    for_s=3.75,
    aim="the replica with the most living sessions",
    moment="200 sessions live on the victim",
    patience_s=7.5,
)
PLAN = Plan(
    experiment="replica_kill",
    hypothesis="Killing one replica loses nothing.",
    architecture="redis-aof",
    engine="local",
    engine_reason="asked for",
    seed=7,
    run_id="ab12",
    load={"sessions": 300},
    faults=(PlannedFault(name="kill", nodes=("app-2",), at_s=7.5, for_s=3.75), LATE),
    gates={"lost-session": 0, "failed-request": None},
    guarantee=Guarantee.SESSION,
    ttl_s=1800,
    dry=True,
)


def test_a_plan_comes_back_as_it_was(tmp_path: Path) -> None:
    """What was to be done can be done again from the file alone."""
    write_plan(tmp_path / "plan.json", PLAN)

    assert PLAN == read_plan(tmp_path / "plan.json")


def test_unknown_fields_are_ignored(tmp_path: Path) -> None:
    """A plan of a later version still opens."""
    path = tmp_path / "plan.json"
    write_plan(path, PLAN)
    path.write_text(path.read_text().replace('"seed": 7', '"seed": 7, "mood": "good"'))

    assert PLAN == read_plan(path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "other/1"}', '{"format": "outlast-plan/1", "seed": 1}'])
def test_a_foreign_file_is_one_clear_error(tmp_path: Path, text: str) -> None:
    """Not a plan: FormatError that names the file."""
    path = tmp_path / "plan.json"
    path.write_text(text)

    with pytest.raises(FormatError, match=r"plan\.json: "):
        read_plan(path)


def test_a_missing_plan_is_one_clear_error(tmp_path: Path) -> None:
    """No file: FormatError, not FileNotFoundError."""
    with pytest.raises(FormatError, match="cannot be read"):
        read_plan(tmp_path / "plan.json")

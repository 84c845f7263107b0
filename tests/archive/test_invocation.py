"""An invocation's folder has the promised name, and `latest` points at the newest."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from outlast.archive.invocation import find_run, new_invocation
from outlast.errors import UsageError

NOON = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)


def test_the_folder_is_named_by_time_experiment_and_seed(tmp_path: Path) -> None:
    """formats.md 4: reports/<UTC time>-<experiment>-<seed>/."""
    assert "20260501T120000Z-replica_kill-7" == new_invocation(tmp_path, "replica_kill", 7, NOON).path.name


def test_two_of_the_same_second_do_not_meet(tmp_path: Path) -> None:
    """Nothing recorded is ever overwritten."""
    first, second = (new_invocation(tmp_path, "replica_kill", 7, NOON) for _ in range(2))

    assert first.path != second.path


def test_latest_points_at_the_newest(tmp_path: Path) -> None:
    """`reports/latest` follows each new invocation."""
    new_invocation(tmp_path, "first", 1, NOON)
    newest = new_invocation(tmp_path, "second", 2, NOON)

    assert newest.path.resolve() == (tmp_path / "latest").resolve()


@pytest.mark.parametrize("name", ["../../etc", "a b/c", "...", ""])
def test_a_run_stays_inside_its_invocation(tmp_path: Path, name: str) -> None:
    """Whatever a stack is called, its folder is a child of the invocation's."""
    invocation = new_invocation(tmp_path, "x", 1, NOON)

    assert invocation.path.resolve() == invocation.new_run(name).path.resolve().parent


def test_an_unknown_run_is_one_clear_error(tmp_path: Path) -> None:
    """The sentence says what to name instead."""
    with pytest.raises(UsageError, match=r"There is no run 'nowhere'; name a folder inside"):
        find_run("nowhere", tmp_path)


def test_reports_that_cannot_be_written_are_one_clear_error(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "reports").write_text("")

    with pytest.raises(UsageError, match="choose one with --reports"):
        new_invocation(tmp_path / "reports", "x", 1, NOON)

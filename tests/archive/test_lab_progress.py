"""What the lab measured so far."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from outlast.archive.lab_progress import PROGRESS_FILE, Done, Progress
from outlast.checkers.verdict import Verdict
from outlast.errors import FormatError

DONE = Done(
    architecture="sticky-memory", experiment="replica_kill", repeat=0, came_to=Verdict.PASS, word="1/N",
    shows=("lost-session",), on=datetime.date(2026, 11, 25), engine="compose", seed=11, run="x/sticky-memory",
    seconds=34.2, sessions=339, exposed=101, lost=101,
)  # fmt: skip


def test_what_is_added_is_read_again(tmp_path):
    progress = Progress(tmp_path / "lab")

    assert [] == progress.read()
    progress.add(DONE)
    progress.add(DONE)
    assert [DONE, DONE] == Progress(tmp_path / "lab").read()


def test_a_torn_last_line_is_left_out_and_written_over(tmp_path):
    """Wherever it was torn."""
    progress = Progress(tmp_path)
    progress.add(DONE)
    whole = (tmp_path / PROGRESS_FILE).read_bytes()

    for cut in (1, len(whole) // 2, len(whole) - 1):
        (tmp_path / PROGRESS_FILE).write_bytes(whole + whole[:cut])
        assert [DONE] == progress.read() or cut == len(whole) - 1
        progress.add(DONE)
        assert [DONE, DONE] == progress.read()


def test_damage_elsewhere_is_told_with_its_line(tmp_path):
    progress = Progress(tmp_path)
    (tmp_path / PROGRESS_FILE).write_bytes(b'{"architecture": 1}\n')

    with pytest.raises(FormatError, match=f"{PROGRESS_FILE}:1: is no measured cell"):
        progress.read()


def test_some_cells_may_be_measured_anew(tmp_path):
    """The others stay as they were measured."""
    progress = Progress(tmp_path)
    again = replace(DONE, repeat=1)
    progress.forget({("sticky-memory", "replica_kill", 1)})
    progress.add(DONE)
    progress.add(again)

    progress.forget({("sticky-memory", "replica_kill", 1)})

    assert [DONE] == progress.read()

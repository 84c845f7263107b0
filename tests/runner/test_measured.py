"""What a run on disk comes to in one word, whatever its experiment promised."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.render.made_folder import made_run, new_invocation_at
from tests.render.made_run import Shape

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.promise import loses_nothing
from outlast.checkers.word import Word
from outlast.runner.measured import measured

SMALL = 60


def test_a_replica_that_took_its_sessions_along_is_one_of_n(tmp_path: Path) -> None:
    """The losses are the victim's sessions, all of them and no others; the declaration of the run plays no part."""
    made = made_run(new_invocation_at(tmp_path / "runs"), Shape(sessions=SMALL), loses_nothing())
    found = measured(made.folder)

    assert Word.VICTIMS is found.word
    assert Anomaly.LOST_SESSION is found.shows[0]
    assert SMALL // 3 == found.exposed
    assert 0 < found.lost <= found.exposed < found.sessions


def test_a_run_that_lost_nothing_is_ok(tmp_path: Path) -> None:
    """And shows no anomaly that breaks a session."""
    made = made_run(new_invocation_at(tmp_path / "runs"), Shape(sessions=SMALL, lossy=False))
    found = measured(made.folder)

    assert found.word in (Word.OK, Word.OUT)
    assert 0 == found.lost
    assert Anomaly.LOST_SESSION not in found.shows


def test_a_fault_that_is_not_proven_proves_no_word(tmp_path: Path) -> None:
    """Nothing lost under a fault that may not have happened is not OK."""
    shape = Shape(sessions=SMALL, lossy=False, proven=False)
    made = made_run(new_invocation_at(tmp_path / "runs"), shape)

    assert measured(made.folder).word is None


@pytest.mark.parametrize("younger_than_s", [None, 60.0])
def test_the_window_of_its_cell_does_not_soften_a_word_that_says_more(
    tmp_path: Path, younger_than_s: float | None
) -> None:
    """Whole sessions are lost: that is no window of writes, however wide."""
    made = made_run(new_invocation_at(tmp_path / "runs"), Shape(sessions=SMALL))

    assert Word.VICTIMS is measured(made.folder, younger_than_s).word

"""`outlast lab`, `matrix` and `selftest`, as a user calls them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.cli.conftest import Outlast

from outlast.archive.lab_progress import PROGRESS_FILE, Progress
from outlast.archive.lab_table import read_table
from outlast.checkers.verdict import Verdict

CELL = ("--engine", "local", "--architecture", "jwt", "--fault", "no_fault")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--cells", "guard"], "Unknown set of cells 'guard'. Did you mean 'guards'?"),
        (["--architecture", "jwd"], "Unknown row of the lab's table 'jwd'. Did you mean 'jwt'?"),
        (["--fault", "replica_kil"], "Did you mean 'replica_kill'?"),
        (["--repeat", "0"], "--repeat must be at least 1."),
    ],
)
def test_a_mistake_is_told_before_anything_runs(
    outlast: Outlast, tmp_path: Path, arguments: list[str], told: str
) -> None:
    """One sentence, exit code 2, no folder of reports."""
    done = outlast("lab", *arguments)

    assert 2 == done.returncode
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_matrix_is_printed_and_drawn(outlast: Outlast, tmp_path: Path) -> None:
    """The same cells in each form."""
    table = read_table()
    asked = json.loads(outlast("matrix", "--json").stdout)
    markdown = outlast("matrix", "--markdown").stdout
    drawn = outlast("matrix")

    assert [(row, column) for row, column, _ in table.each()] == [
        (cell["architecture"], cell["fault"]) for cell in asked["cells"]
    ]
    for row in table.rows:
        assert row in markdown
    assert "reports/matrix.html" == drawn.stdout.strip()
    page = (tmp_path / "reports" / "matrix.html").read_text()
    assert all(row in page for row in table.rows)


@pytest.mark.slow
@pytest.mark.local
def test_the_lab_goes_on_where_it_stopped(outlast: Outlast, tmp_path: Path) -> None:
    """A cell that was measured is not run again; unless it is asked for, and then it alone."""
    first = outlast("lab", *CELL)
    (done,) = Progress(tmp_path / "reports" / "lab").read()
    second = outlast("lab", *CELL)
    again = outlast("lab", *CELL, "--again")
    (anew,) = Progress(tmp_path / "reports" / "lab").read()

    assert 0 == first.returncode, first.stdout + first.stderr
    assert "1 of 1 cells as predicted" in first.stdout
    assert Verdict.PASS is done.came_to
    assert read_table().cells["jwt"]["no_fault"].predicted.value == done.word
    assert (tmp_path / "reports" / "lab" / done.run / "verdict.json").is_file()
    assert 0 == second.returncode
    assert "1 of them measured already" in second.stdout
    assert done.run != anew.run
    assert 0 == again.returncode


@pytest.mark.local
def test_a_cell_that_differs_is_red(outlast: Outlast, tmp_path: Path) -> None:
    """What came to another word than the table's is named, and the exit code is 1."""
    lab = tmp_path / "reports" / "lab"
    lab.mkdir(parents=True)
    line = {
        "architecture": "jwt", "experiment": "no_fault", "repeat": 0, "came_to": "pass", "word": "ALL+",
        "shows": ["lost-session"], "on": "2026-01-01", "engine": "local", "seed": 11, "run": "x/jwt", "seconds": 1.0,
        "sessions": 90, "exposed": 0, "lost": 90,
    }  # fmt: skip
    (lab / PROGRESS_FILE).write_text(json.dumps(line) + "\n")

    done = outlast("lab", *CELL)
    shutil.rmtree(lab)

    assert 1 == done.returncode
    assert "jwt / no_fault: ALL+" in done.stdout
    assert "0 of 1 cells as predicted" in done.stdout


@pytest.mark.slow
@pytest.mark.local
def test_the_controls_hold_on_this_machine(outlast: Outlast) -> None:
    """Losses are seen, and nothing else is taken for one."""
    done = outlast("selftest")

    assert 0 == done.returncode, done.stdout + done.stderr
    assert 7 == done.stdout.count("ok  must")
    assert "The controls are as they must be." in done.stdout

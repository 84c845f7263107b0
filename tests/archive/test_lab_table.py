"""The lab's table of record."""

from __future__ import annotations

import datetime

import pytest

from outlast.archive.lab_table import Measurement, read_table, table_file, write_table
from outlast.checkers.anomaly import Anomaly
from outlast.checkers.promise import loses_exactly_the_victims
from outlast.checkers.word import Word
from outlast.errors import FormatError
from outlast.stacks import lab

SMALL = """
columns: {kill: a replica is killed, flush: the store is flushed}
rows: {sticky: 2, shared: null}
cells:
  sticky:
    kill: {predicted: 1/N, set: must-lose}
    flush: {predicted: n/a, why: it has no store}
  shared:
    kill: {predicted: OUT, also: [stale-read]}
claims: {A4: {says: memory is lost, result: confirmed, figure: 101 of 339}}
"""
MEASURED = Measurement(
    word=Word.VICTIMS, shows=(Anomaly.LOST_SESSION,), on=datetime.date(2026, 11, 25), engine="compose", seed=11,
    run="x/sticky", sessions=339, exposed=101, lost=101,
)  # fmt: skip


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "lab.yaml"
    path.write_text(SMALL)
    return path


def test_the_lab_s_own_is_of_its_experiments_and_architectures():
    """None is missing, and none is there that the lab has not."""
    table = read_table()
    experiments = {path.stem.removeprefix("test_") for path in table_file().parent.glob("test_*.py")}

    assert experiments == set(table.columns)
    assert set(lab.architectures()) <= set(table.rows)
    for architecture in table.rows:
        assert lab.files(architecture)
    assert {"must-lose", "must-not-lose"} <= {cell.set for _, _, cell in table.each()}


def test_it_says_what_each_promises(file):
    table = read_table(file)

    places = [(architecture, experiment) for architecture, experiment, _ in table.each()]
    assert [("sticky", "kill"), ("sticky", "flush"), ("shared", "kill")] == places
    assert loses_exactly_the_victims() == table.cells["sticky"]["kill"].promise
    assert not table.cells["sticky"]["flush"].applies


def test_what_was_measured_is_kept(file):
    """What is written is read again, and a cell that came to another word differs."""
    table = read_table(file).with_measurement("sticky", "kill", MEASURED)
    table = table.with_measurement("shared", "kill", MEASURED)

    write_table(table, file)
    again = read_table(file)

    assert table == again
    assert (False, True) == (again.cells["sticky"]["kill"].differs, again.cells["shared"]["kill"].differs)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("OUT", "FINE", r"cells.shared.kill.predicted: .*'FINE' is no word of the lab; known: OK, OUT"),
        ("predicted: n/a, why: it has no store", "predicted: n/a", "does not apply says why"),
        ("  shared:\n", "  other:\n", "there is no such row"),
        ("    flush:", "    drop:", "there is no such column"),
        ("set: must-lose", "sets: must-lose", "Extra inputs"),
        ("rows: {", "rows: [", "is not YAML"),
    ],
)
def test_a_mistake_is_told_with_its_place(file, old, new, sentence):
    file.write_text(SMALL.replace(old, new))

    with pytest.raises(FormatError, match=sentence):
        read_table(file)


def test_a_table_that_is_not_there_is_told(tmp_path):
    with pytest.raises(FormatError, match="cannot be read"):
        read_table(tmp_path / "none.yaml")

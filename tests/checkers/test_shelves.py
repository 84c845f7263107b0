"""Shelves: what is put in order on disk and read back is what the history tells, session by session."""

from dataclasses import fields

import numpy as np
import pytest
from tests.checkers.operations import alive, incremented, logged, login, op, read, tried, wrote

from outlast.checkers import blocks
from outlast.checkers.blocks import blocks as blocks_of
from outlast.checkers.shelves import shelved, told_on
from outlast.checkers.survey import survey_of
from outlast.checkers.told import OF_LOGS, Told, told_of
from outlast.history.columns import Columns
from outlast.history.history import Header, History

PLAIN = [
    o
    for i in range(5)
    for o in (
        login((i, i + 1), session=f"s{i}", user=f"u{i}"), wrote(f"v{i}", (2, 3), session=f"s{i}", replica="app-1"),
        read(f"v{i}", (4, None), session=f"s{i}", outcome="unknown"), incremented(i, (5, 6), session=f"s{i}"),
        op("read", (6, 7), session=f"s{i}", via="store", seen="anonymous"),
    )
]  # fmt: skip
LOGS = [*PLAIN, tried("a", (2, 3), session="s1"), logged("ab", (4, 5), session="s1", effects_offset=3)]
WIDE = [*PLAIN, incremented(2**40, (5, 6), session="s2"), incremented(2**31, (7, 8), session="s3")]


def _same(one: Told, other: Told) -> None:
    for field in fields(Told):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        assert mine.tolist() == theirs.tolist(), field.name
        assert mine.dtype == theirs.dtype or not len(one.rows), field.name


@pytest.mark.parametrize("rows_at_once", [1, 4, 7, 100])
@pytest.mark.parametrize("shelves", [1, 2, 3])
@pytest.mark.parametrize("operations", [PLAIN, LOGS, WIDE, []], ids=["plain", "with logs", "wide numbers", "empty"])
def test_each_shelf_holds_its_sessions_in_the_historys_order(operations, shelves, rows_at_once, tmp_path, monkeypatch):
    """However the rows are cut into blocks, and however wide the numbers are."""
    monkeypatch.setattr(blocks, "BLOCK", rows_at_once)
    survey = survey_of(History(Header(), Columns.of(operations)))
    written = [shelved(survey, tmp_path, shelves, rows) for rows in blocks_of(survey.columns)]

    for shelf in range(shelves):
        mine = np.flatnonzero(survey.columns.session % shelves == shelf)
        told = told_on(written, shelf)
        _same(told_of(survey.columns, survey.has_logs, mine), told)
        assert np.int64 == told.rows.dtype == told.value.dtype == told.counter.dtype


def test_a_block_takes_no_more_room_than_it_must(tmp_path):
    """Numbers that fit are written narrow; columns of logs only where there are logs."""
    plain, logs, wide = (
        shelved(survey, tmp_path, 2, slice(0, len(survey.columns)))
        for survey in (survey_of(History(Header(), Columns.of(some))) for some in (PLAIN, LOGS, WIDE))
    )
    types = [{name: np.dtype(kind).itemsize for name, kind, _ in block.columns} for block in (plain, logs, wide)]

    assert not set(OF_LOGS) & set(types[0])
    assert set(OF_LOGS) <= set(types[1])
    assert [(4, 4, 4)] * 2 == [(t["rows"], t["value"], t["counter"]) for t in types[:2]]
    assert (4, 4, 8) == (types[2]["rows"], types[2]["value"], types[2]["counter"])
    assert 4 == types[1]["attempt"]


@pytest.mark.parametrize(("number", "width"), [(2**31 - 1, 4), (2**31, 8), (-(2**31), 4), (-(2**31) - 1, 8)])
def test_a_number_is_written_narrow_as_long_as_it_fits(number, width, tmp_path):
    """Up to the last one on either side, and read back as it was."""
    survey = survey_of(History(Header(), Columns.of([login(), incremented(number, (2, 3))])))
    block = shelved(survey, tmp_path, 1, slice(0, 2))

    assert width == next(np.dtype(kind).itemsize for name, kind, _ in block.columns if name == "counter")
    assert number == told_on([block], 0).counter[1]


def test_all_rows_or_some_tell_the_same():
    """None means all of them."""
    columns = Columns.of(LOGS)

    _same(told_of(columns, True), told_of(columns, True, np.arange(len(columns))))
    assert [0] * 4 == [len(getattr(told_of(columns, False), name)) for name in OF_LOGS]
    assert 1 == len(told_of(columns, True, np.array([3])).rows)
    assert alive((0, 1)).seen == "alive"

"""Blocks: each row once, in order."""

import mmap

import numpy as np
import pytest
from tests.checkers.operations import alive

from outlast.checkers import blocks
from outlast.history.columns import Columns


@pytest.mark.parametrize(("rows_at_once", "expected"), [(2, [(0, 2), (2, 4), (4, 5)]), (5, [(0, 5)]), (9, [(0, 5)])])
def test_each_row_is_in_one_block(rows_at_once, expected, monkeypatch):
    """The last block may be shorter."""
    monkeypatch.setattr(blocks, "BLOCK", rows_at_once)
    columns = Columns.of([alive((i, i + 1)) for i in range(5)])

    assert expected == [(b.start, b.stop) for b in blocks.blocks(columns)]
    assert [] == list(blocks.blocks(Columns.of([])))


def test_a_part_of_the_rows_is_cut_from_its_own_beginning(monkeypatch):
    """And ends where it ends."""
    monkeypatch.setattr(blocks, "BLOCK", 2)
    columns = Columns.of([alive((i, i + 1)) for i in range(5)])

    assert [(1, 3), (3, 4)] == [(b.start, b.stop) for b in blocks.blocks(columns, slice(1, 4))]


class Watched(mmap.mmap):
    """A mapped file that remembers which of its pages were given back: (start, length)."""

    def madvise(self, option, start, length):
        """As mmap's."""
        assert mmap.MADV_DONTNEED == option
        self.given.append((start, length))
        super().madvise(option, start, length)


def of_file(path, count, offset=0):
    """Columns of so many rows of which one lies in a file that holds 0, 1, 2 ...; and the file."""
    np.arange(-offset, count, dtype=np.int64).tofile(path)
    columns = Columns.of([alive((i, i + 1)) for i in range(count)])
    with path.open("rb") as file:
        watched = Watched(file.fileno(), 0, access=mmap.ACCESS_READ)
    watched.given = []
    object.__setattr__(columns, "invoked_ns", np.ndarray(count + offset, np.int64, watched)[offset:])
    return columns, watched


PAGE = mmap.PAGESIZE
IN_PAGE = PAGE // 8


def test_of_a_mapped_file_each_blocks_pages_are_given_back(tmp_path, monkeypatch):
    """Whole pages, in order, each when the next block is asked for; what they hold can be read again."""
    monkeypatch.setattr(blocks, "BLOCK", 3 * IN_PAGE // 2)
    columns, watched = of_file(tmp_path / "column", 4 * IN_PAGE)
    sums = [[int(columns.invoked_ns[block].sum()) for block in blocks.blocks(columns)] for _ in range(2)]

    assert 4 * IN_PAGE * (4 * IN_PAGE - 1) // 2 == sum(sums[0]) == sum(sums[1])
    assert 2 * [(0, PAGE), (PAGE, 2 * PAGE), (3 * PAGE, PAGE)] == watched.given


def test_a_column_may_begin_anywhere_in_its_file(tmp_path, monkeypatch):
    """The page that it shares with the next block is kept."""
    monkeypatch.setattr(blocks, "BLOCK", IN_PAGE)
    columns, watched = of_file(tmp_path / "column", 2 * IN_PAGE, offset=IN_PAGE // 2)

    assert [0, IN_PAGE] == [int(columns.invoked_ns[block][0]) for block in blocks.blocks(columns)]
    assert [(0, PAGE), (PAGE, PAGE)] == watched.given


def test_a_file_may_be_of_any_length(tmp_path, monkeypatch):
    """Of a narrow column it need not fill a word."""
    monkeypatch.setattr(blocks, "BLOCK", PAGE)
    columns, watched = of_file(tmp_path / "column", 2 * IN_PAGE)
    (tmp_path / "narrow").write_bytes(bytes(PAGE + 1))
    with (tmp_path / "narrow").open("rb") as file:
        narrow = Watched(file.fileno(), 0, access=mmap.ACCESS_READ)
    narrow.given = []
    object.__setattr__(columns, "invoked_ns", np.ndarray(PAGE + 1, np.uint8, narrow))
    list(blocks.blocks(columns, slice(0, PAGE + 1)))

    assert ([(0, PAGE)], []) == (narrow.given, watched.given)


def test_a_block_smaller_than_a_page_gives_nothing_back_until_the_page_is_done(tmp_path, monkeypatch):
    """No page twice."""
    monkeypatch.setattr(blocks, "BLOCK", IN_PAGE // 2)
    columns, watched = of_file(tmp_path / "column", 2 * IN_PAGE)
    list(blocks.blocks(columns))

    assert [(0, PAGE), (PAGE, PAGE)] == watched.given


def test_pages_that_may_have_been_written_to_are_kept(tmp_path):
    """Of a private mapping the changes would be lost with them; a column with gaps is no piece of the file."""
    columns, watched = of_file(tmp_path / "column", 2 * IN_PAGE)
    private = Watched(-1, 2 * PAGE)
    private.given = []
    for column in (
        np.ndarray(2 * IN_PAGE, np.int64, private),
        np.ndarray(2 * IN_PAGE, np.int64, watched)[::2],
        np.arange(IN_PAGE),
    ):
        object.__setattr__(columns, "invoked_ns", column)
        list(blocks.blocks(columns, slice(0, IN_PAGE)))

    assert [] == private.given == watched.given

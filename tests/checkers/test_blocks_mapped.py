"""Rows are looked at a block at a time, and nothing is told differently for it."""

from __future__ import annotations

import numpy as np
import pytest

from outlast.bench.big_history import big_history
from outlast.bench.mapped_history import make_mapped, open_mapped
from outlast.checkers import blocks


@pytest.fixture
def mapped(tmp_path):
    """A history whose columns lie in files."""
    make_mapped(tmp_path, 5_000)
    return open_mapped(tmp_path)


@pytest.mark.parametrize("block", [1000, 2**19])
def test_instants_are_those_of_the_rows(mapped, monkeypatch, block):
    """In the order of the rows, one for each, however often a row is asked for; none for none."""
    monkeypatch.setattr(blocks, "BLOCK", block)
    rows = np.array([4_000, 7, 7, 0, len(mapped) - 1, 999, 1_000])

    told = blocks.instants_of(mapped, rows)

    assert mapped.invoked_ns[np.sort(rows)].tolist() == told.tolist()
    assert np.int64 == told.dtype  # of a clock that counts from 1970 a float would miss the last hundred nanoseconds
    assert 0 == len(blocks.instants_of(mapped, rows[:0]))


def test_pages_that_were_given_back_tell_the_same(mapped, monkeypatch):
    """They are fetched anew from the file."""
    monkeypatch.setattr(blocks, "BLOCK", 1000)

    assert [slice(0, 1000)] == list(blocks.blocks(mapped))[:1]
    assert list(big_history(5_000)) == list(mapped)

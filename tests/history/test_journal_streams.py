"""What streams received is kept beside the journal, and read with it."""

from __future__ import annotations

import pytest

from outlast.errors import FormatError
from outlast.history.columns import KINDS, OUTCOMES, Stream
from outlast.history.journal import JOURNAL_FILE, read_journal
from outlast.history.journal_layout import STREAMS_FILE
from outlast.history.journal_writer import JournalWriter
from outlast.history.operation import Kind, Outcome

OK, UNKNOWN = OUTCOMES.index(Outcome.OK), OUTCOMES.index(Outcome.UNKNOWN)
HEARD = (
    Stream(0, 1, False, "9f86d081884c7d65"),
    Stream(1, 7, True, "60303ae22b998861"),
    Stream(None, None, None, None),
    Stream(0, 2**40, True, None),
)


@pytest.fixture
def folder(tmp_path):
    """A journal of a read and four streams, the last of which never was answered."""
    writer = JournalWriter(tmp_path, seed=7, tag="ab12", users=3)
    writer.answer(writer.intend(KINDS.index(Kind.READ), 0, 1, 1, 1), OK, 2)
    path = writer.paths.number("stream 1")
    for stream in HEARD[:3]:
        slot = writer.intend(KINDS.index(Kind.STREAM), 0, 1, 3, 3)
        writer.answer(slot, UNKNOWN if stream.cut else OK, 4, path=path, stream=stream)
    writer.intend(KINDS.index(Kind.STREAM), 0, 1, 5, 5)
    writer._streams.add(4, HEARD[3])  # as a writer leaves it that dies between the two
    writer.close()
    return tmp_path


def test_what_was_heard_comes_back(folder):
    """Offsets, cut and digest, each of which may be absent."""
    columns = read_journal(folder / JOURNAL_FILE)

    assert dict(enumerate(HEARD[:3], start=1)) == columns.streams
    first = columns.operation(1)
    assert (0, 1, False, "9f86d081884c7d65", "stream 1") == (
        first.from_offset, first.to_offset, first.cut, first.digest, first.path,
    )  # fmt: skip


def test_a_record_whose_answer_was_never_complete_does_not_count(folder):
    """It reads as an operation without an answer."""
    columns = read_journal(folder / JOURNAL_FILE)

    assert 4 not in columns.streams
    assert columns.operation(4).returned_ns is None


def test_a_record_that_is_cut_off_is_left_out(folder):
    """The disk was full in its middle."""
    file = folder / STREAMS_FILE
    file.write_bytes(file.read_bytes()[:-60])

    assert {1, 2} == set(read_journal(folder / JOURNAL_FILE).streams)
    file.write_bytes(file.read_bytes()[:57])
    assert {1} == set(read_journal(folder / JOURNAL_FILE).streams)


@pytest.mark.parametrize("row", [5, -1, 2**40])
def test_a_record_of_no_operation_is_damage(folder, row):
    """One clear error."""
    raw = (folder / STREAMS_FILE).read_bytes()
    (folder / STREAMS_FILE).write_bytes(row.to_bytes(8, "little", signed=True) + raw[8:])

    with pytest.raises(FormatError, match="no operation"):
        read_journal(folder / JOURNAL_FILE)


def test_a_run_without_streams_has_no_file(tmp_path):
    """Most have none."""
    JournalWriter(tmp_path, seed=7, tag="ab12", users=3).close()

    assert not (tmp_path / STREAMS_FILE).exists()
    assert {} == read_journal(tmp_path / JOURNAL_FILE).streams

"""A plain file in spans of whole lines."""

from __future__ import annotations

import pytest

from outlast.errors import FormatError
from outlast.history import spans
from outlast.history.spans import line_at, text_of

TEXT = b"one\n\nthree\nfour and more\n" * 9 + b"the last has no end"


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "text"
    file.write_bytes(TEXT)
    return file


@pytest.mark.parametrize("start", [0, 4])
@pytest.mark.parametrize("size", [*range(1, 30), 1000])
def test_together_they_are_the_file(path, monkeypatch, size, start):
    """Each ends with a line feed but the last, and none is shorter than it must be."""
    monkeypatch.setattr(spans, "_PEEK_BYTES", 3)

    found = list(spans.spans(path, start, span_bytes=size))
    texts = [text_of(str(path), *span) for span in found]

    assert TEXT[start:] == b"".join(texts)
    assert all(text.endswith(b"\n") and len(text) >= size and b"\n" not in text[size - 1 : -1] for text in texts[:-1])


def test_a_line_is_found_by_its_first_byte(path):
    where = [TEXT.find(text) for text in (b"one", b"\nthree", b"three", b"the last")]

    assert [1, 2, 3, 37] == [line_at(str(path), position) for position in where]


def test_of_nothing_there_are_none(path):
    path.write_bytes(b"")

    assert [] == list(spans.spans(path))


def test_an_endless_line_is_refused_with_its_number(path, monkeypatch):
    monkeypatch.setattr(spans, "LINE_BYTES_MAX", 100)
    monkeypatch.setattr(spans, "_PEEK_BYTES", 8)
    path.write_bytes(b"short\n" * 3 + b"x" * 300)

    with pytest.raises(FormatError, match="a line of more than") as caught:
        list(spans.spans(path, span_bytes=20))

    assert caught.value.line == 4


def test_a_file_that_is_too_large_is_refused(path):
    with pytest.raises(FormatError, match="more than 200 bytes"):
        list(spans.spans(path, bytes_max=200))


def test_a_file_that_shrank_is_not_half_read(path):
    with pytest.raises(FormatError, match="cut short"):
        text_of(str(path), 0, len(TEXT) + 1)


@pytest.mark.parametrize("look", [lambda gone: list(spans.spans(gone)), lambda gone: text_of(str(gone), 0, 1)])
def test_a_file_that_is_gone_is_one_sentence(tmp_path, look):
    with pytest.raises(FormatError, match="cannot be read"):
        look(tmp_path / "gone")

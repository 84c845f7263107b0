"""A plain file as spans of whole lines, so that each process can read its own part of the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from outlast.errors import FormatError
from outlast.history.unpack import BLOCK_BYTES, BYTES_MAX, LINE_BYTES_MAX

_PEEK_BYTES: Final = 2**13


def spans(
    path: Path, start: int = 0, bytes_max: int = BYTES_MAX, span_bytes: int = BLOCK_BYTES
) -> Iterator[tuple[int, int]]:
    """Path of a plain file -> (start, stop) of whole lines in bytes, end to end from `start` to the file's end.

    Raises FormatError when the file cannot be read, is larger than `bytes_max` or holds a line of more than
    LINE_BYTES_MAX. Cost: a look at the end of each span; the rest of the file is not read.
    """
    source = str(path)
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            if size > bytes_max:
                raise FormatError(source, None, f"holds more than {bytes_max:,} bytes; split the history by session.")
            while start < size:
                stop = _end_of_line(file, source, min(start + span_bytes, size) - 1, size)
                yield start, stop
                start = stop
    except OSError as error:
        raise FormatError(source, None, f"cannot be read ({error.strerror or error}).") from error


def text_of(source: str, start: int, stop: int) -> bytes:
    """A span's bytes. Raises FormatError when the file cannot be read, or was cut short since its span was found."""
    try:
        with Path(source).open("rb", buffering=0) as file:
            file.seek(start)
            text = bytearray()
            while len(text) < stop - start and (piece := file.read(stop - start - len(text))):
                text += piece
    except OSError as error:
        raise FormatError(source, None, f"cannot be read ({error.strerror or error}).") from error
    if len(text) < stop - start:
        raise FormatError(source, None, "was cut short while it was read.")
    return bytes(text)


def line_at(source: str, position: int) -> int:
    """The number of the line that begins at a byte of the file. Cost: all before it is read; for errors only."""
    line, left = 1, position
    with Path(source).open("rb", buffering=0) as file:
        while left > 0 and (piece := file.read(min(left, BLOCK_BYTES))):
            line += piece.count(b"\n")
            left -= len(piece)
    return line


def _end_of_line(file: BinaryIO, source: str, position: int, size: int) -> int:
    """The byte after the line feed that comes first from a position on, or the file's end."""
    file.seek(position)
    looked = 0
    while piece := file.read(_PEEK_BYTES):
        if found := piece.find(b"\n") + 1:
            return position + looked + found
        looked += len(piece)
        if looked > LINE_BYTES_MAX:
            line = line_at(source, position)
            raise FormatError(source, line, f"a line of more than {LINE_BYTES_MAX >> 20} MiB.")
    return size

"""A block of lines -> columns with string tables of its own: what each process of the reader does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np

from outlast.errors import FormatError
from outlast.history.columns import ABSENT, KINDS, NEVER, OUTCOMES
from outlast.history.interchange_line import DECODER, FIELDS, USUAL_DECODER, USUAL_FIELDS
from outlast.history.interchange_piece import BadVia, Piece, empty_tables, joined, piece_of
from outlast.history.interning import Interned
from outlast.history.operation import Kind, Outcome
from outlast.history.spans import line_at, text_of

PIECE_BYTES: Final = 2**19
"""What becomes columns together: few enough lines for the caches; a pass per field over more takes a quarter longer."""
DECODED_BYTES: Final = 2**16
"""What is decoded together: the lines are only looked at once, field by field, so they should be nearer still."""
_OK: Final = OUTCOMES.index(Outcome.OK)
_WRITE: Final = KINDS.index(Kind.WRITE)


@dataclass(frozen=True, slots=True)
class Block:
    """Operations in a row, with the strings that they name by position: table -> strings."""

    piece: Piece
    names: dict[str, list[str]]


def block_of(source: str, first_line: int, text: bytes) -> Block:
    """Whole lines -> Block. Raises FormatError with the number of the first bad line. Cost: O(n), 1.5 us a line."""
    return _block(source, lambda: first_line, text)


def block_at(source: str, start: int, stop: int) -> Block:
    """Whole lines of a plain file, from byte to byte -> Block, as `block_of`."""
    return _block(source, lambda: line_at(source, start), text_of(source, start, stop))


def _block(source: str, first_line: Callable[[], int], text: bytes) -> Block:
    tables = empty_tables()
    pieces, before = [], 0
    for part in _parts(text, PIECE_BYTES):
        piece = _read(part, tables)
        if piece is None:
            raise _first_error(source, first_line() + text.count(b"\n", 0, before), part)
        pieces.append(piece)
        before += len(part)
    return Block(joined(pieces), {name: table.names for name, table in tables.items()})


def _parts(text: bytes, size: int) -> Iterator[bytes]:
    """Whole lines, about so many bytes of them at a time."""
    start = 0
    while start < len(text):
        stop = text.find(b"\n", start + size) + 1 or len(text)
        yield text[start:stop]
        start = stop


def _read(text: bytes, tables: dict[str, Interned]) -> Piece | None:
    """Whole lines -> Piece, or None if some line is no operation."""
    try:
        try:
            piece = piece_of(_told(text, USUAL_DECODER, USUAL_FIELDS), tables)
        except msgspec.ValidationError:  # a field that is not usual, or something wrong with it
            piece = piece_of(_told(text, DECODER, FIELDS), tables)
    except (msgspec.DecodeError, UnicodeError, RecursionError, BadVia):
        return None
    return None if piece.count and _impossible(piece).any() else piece


def _told(text: bytes, decoder: msgspec.json.Decoder[Any], fields: Sequence[str]) -> dict[str, list[Any]]:
    """Field by field what the lines tell."""
    told: list[list[Any]] = [[] for _ in fields]
    for part in _parts(text, DECODED_BYTES):
        lines = map(msgspec.structs.astuple, decoder.decode_lines(part))
        for column, values in zip(told, zip(*lines, strict=True), strict=False):  # no lines, no values
            column.extend(values)
    return dict(zip(fields, told, strict=True))


def _impossible(piece: Piece) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which rows no recorder can have written."""
    arrays = piece.arrays
    returned = arrays.get("returned_ns", np.full(piece.count, NEVER))
    value = arrays.get("value", np.full(piece.count, ABSENT))
    backwards = returned < arrays["invoked_ns"]
    unanswered = (arrays["outcome"] == _OK) & (returned == NEVER)
    tokenless = (arrays["kind"] == _WRITE) & (value < 0)
    bad: np.ndarray[Any, np.dtype[np.bool_]] = backwards | unanswered | tokenless
    return bad


def _first_error(source: str, first_line: int, text: bytes) -> FormatError:
    for number, line in enumerate(text.split(b"\n"), start=first_line):
        if line.strip() and (wrong := _wrong_with(line)):
            return FormatError(source, number, wrong)
    return FormatError(source, first_line, "cannot be read as lines of JSON.")


def _wrong_with(line: bytes) -> str | None:
    try:
        read = DECODER.decode(line)
        piece_of(
            {name: [value] for name, value in zip(FIELDS, msgspec.structs.astuple(read), strict=True)}, empty_tables()
        )
    except BadVia:
        return f"via must be balancer, store or replica:NAME, not {read.via!r:.80}."
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        return f"not an operation ({error})."
    if read.returned_ns is not None and read.returned_ns < read.invoked_ns:
        return f"returned_ns {read.returned_ns} is before invoked_ns {read.invoked_ns}."
    if read.outcome == "ok" and read.returned_ns is None:
        return "an ok operation must have a returned_ns."
    if read.op == "write" and not isinstance(read.value, str):
        return "a write must tell its value, a token that no other write uses."
    return None

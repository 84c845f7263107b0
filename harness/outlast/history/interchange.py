"""The interchange history `outlast-history/1`: read from a file, plain or compressed, and written to one."""

from __future__ import annotations

import gzip
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import IO, Final, cast

import msgspec
import zstandard

from outlast.errors import FormatError, OutlastError
from outlast.history.history import Header, History
from outlast.history.interchange_block import Block, block_at, block_of
from outlast.history.interchange_header import header_of, line_of
from outlast.history.interchange_line import fields_of
from outlast.history.interchange_merge import Merged
from outlast.history.processes import context
from outlast.history.spans import spans
from outlast.history.unpack import BYTES_MAX, blocks, is_packed, likely_bytes

PARALLEL_FROM_BYTES: Final = 24 * 2**20
"""Smaller files are read by this process alone: starting others costs more than it gains."""


def read_history(path: Path | str, processes: int | None = None, bytes_max: int = BYTES_MAX) -> History:
    """File -> History. Told plain, gzip or zstd by its first bytes; `processes` None: as many as there are cores.

    Raises FormatError (file and line) for anything that is not `outlast-history/1`, and for a file that unpacks to more
    than `bytes_max`. Cost: O(n); memory: some 200 bytes an operation, and a few blocks of text.
    """
    source = Path(path)
    pieces = blocks(source, bytes_max)
    header, first, body = _header(source, pieces)
    wanted = processes or os.cpu_count() or 1
    parsed: Iterator[Block]
    if wanted == 1 or likely_bytes(source) <= PARALLEL_FROM_BYTES:
        parsed = (block_of(str(source), line, text) for line, text in _chain(first, pieces))
    elif is_packed(source):
        parsed = _parsed_by_many(
            (partial(block_of, str(source), line, text) for line, text in _chain(first, pieces)), wanted
        )
    else:
        parsed = _parsed_by_many(
            (partial(block_at, str(source), start, stop) for start, stop in spans(source, body, bytes_max)), wanted
        )
    merged = Merged()
    for block in parsed:
        merged.add(block)
    return History(header, merged.columns())


def write_history(history: History, path: Path | str) -> None:
    """History -> file; its name's ending (.gz, .zst) says whether it is compressed.

    Raises OutlastError when it cannot be written. Cost: O(n), some 10 us an operation.
    """
    target = Path(path)
    encode = msgspec.json.Encoder().encode
    try:
        with ExitStack() as open_files:
            file = _opened_for_writing(target, open_files)
            file.write(line_of(history.header) + b"\n")
            for operation in history.columns:
                file.write(encode(fields_of(operation)) + b"\n")
    except OSError as error:
        raise OutlastError(f"{target} cannot be written: {error.strerror or error}.") from error


def _header(source: Path, pieces: Iterator[tuple[int, bytes]]) -> tuple[Header, tuple[int, bytes], int]:
    """The header, what else the first block holds with its line, and the byte at which that begins."""
    line, text = next(pieces, (1, b""))
    if not text.strip():
        raise FormatError(str(source), None, "is empty; the first line must be the header of a history.")
    head, _, rest = text.removeprefix(b"\xef\xbb\xbf").partition(b"\n")
    return header_of(head, str(source)), (line + 1, rest), len(text) - len(rest)


def _chain(first: tuple[int, bytes], pieces: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    yield first
    yield from pieces


def _parsed_by_many(parts: Iterator[Callable[[], Block]], processes: int) -> Iterator[Block]:
    """Blocks in their order, parsed by others while this process unpacks and merges; a few are under way at a time."""
    with ProcessPoolExecutor(processes, mp_context=context()) as pool:
        under_way: deque[Future[Block]] = deque()
        try:
            for part in parts:
                under_way.append(pool.submit(part))
                if len(under_way) > 2 * processes:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()


def _opened_for_writing(target: Path, open_files: ExitStack) -> IO[bytes]:
    if target.suffix == ".gz":
        packed = open_files.enter_context(gzip.GzipFile(target, "wb", compresslevel=5))
        return cast(IO[bytes], packed)
    file: IO[bytes] = open_files.enter_context(target.open("wb"))
    if target.suffix == ".zst":
        return cast(IO[bytes], open_files.enter_context(zstandard.ZstdCompressor().stream_writer(file)))
    return file

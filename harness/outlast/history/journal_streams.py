"""What stream operations received, beside the journal: `history.streams`, a record each, written before the answer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import numpy as np

from outlast.errors import FormatError
from outlast.history.columns import ABSENT, Stream
from outlast.history.journal_layout import STREAMS_FILE
from outlast.history.journal_names import disk_error

DIGEST_BYTES: Final = 32
RECORD: Final = np.dtype(
    [("row", "<i8"), ("from", "<i8"), ("to", "<i8"), ("cut", "<i1"), ("digest", f"S{DIGEST_BYTES}")]
)
"""row: of the operation in the journal, from 0. from, to: ABSENT when nothing was received. cut: 0, 1, or ABSENT."""


class StreamsFile:
    """The file while it is being written: one `write` per record, so a record is there or it is not. Made when the
    first stream is recorded: most runs have none."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / STREAMS_FILE
        self._fd: int | None = None

    def add(self, row: int, stream: Stream) -> None:
        """Write one down. Raises LoadError when the disk is full."""
        first, past = (ABSENT if offset is None else offset for offset in (stream.from_offset, stream.to_offset))
        cut = ABSENT if stream.cut is None else int(stream.cut)
        record = np.array([(row, first, past, cut, (stream.digest or "").encode()[:DIGEST_BYTES])], RECORD).tobytes()
        try:
            if self._fd is None:
                self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
            if os.write(self._fd, record) == len(record):
                return
        except OSError as error:
            raise disk_error(self._path, error) from error
        raise disk_error(self._path, None)

    def close(self) -> None:
        """No record after this one."""
        if self._fd is not None:
            os.close(self._fd)


def read_streams(folder: Path, rows: int) -> dict[int, Stream]:
    """Folder of a journal with so many operations -> row -> what it received; a last record that is cut off is left
    out. Raises FormatError for a record of no operation."""
    path = folder / STREAMS_FILE
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise FormatError(str(path), None, f"cannot be read ({error.strerror}).") from error
    records = np.frombuffer(raw[: len(raw) - len(raw) % RECORD.itemsize], RECORD)
    if len(records) and not 0 <= int(records["row"].min()) <= int(records["row"].max()) < rows:
        raise FormatError(str(path), None, "is damaged: one of its records is of no operation.")
    return {
        row: Stream(
            None if first == ABSENT else first,
            None if past == ABSENT else past,
            None if cut == ABSENT else cut != 0,
            digest.decode("ascii", "replace") or None,
        )
        for row, first, past, cut, digest in records.tolist()
    }

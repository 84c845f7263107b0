"""A file, plain or compressed, as blocks of whole lines: streaming, and bounded whatever is in it."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import zstandard

from outlast.errors import FormatError

BLOCK_BYTES: Final = 4 * 2**20
LINE_BYTES_MAX: Final = 16 * 2**20
BYTES_MAX: Final = 8 * 2**30
"""What a file may unpack to: some 40 million operations."""
RATIO_MAX: Final = 400
"""How many times its size a compressed file may unpack to, past RATIO_FREE_BYTES; histories shrink 10 to 60 times."""
RATIO_FREE_BYTES: Final = 256 * 2**20

_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_ZSTD_PIECE: Final = 2048
_LIKELY_RATIO: Final = 15


def blocks(path: Path, bytes_max: int = BYTES_MAX, block_bytes: int = BLOCK_BYTES) -> Iterator[tuple[int, bytes]]:
    """Path -> (number of its first line, block of whole lines), one after another; a last line may lack its line feed.

    Raises FormatError when the file cannot be read, is cut short, holds a line of more than LINE_BYTES_MAX or unpacks
    to more than `bytes_max`. Memory: two blocks, and one line.
    """
    source = str(path)
    line, total, rest = 1, 0, b""
    try:
        packed_bytes = path.stat().st_size
        with path.open("rb") as file:
            packed, stream = _opened(file)
            while piece := stream.read(block_bytes):
                total += len(piece)
                _must_be_sane(source, line, total, packed_bytes if packed else None, bytes_max)
                cut = piece.rfind(b"\n") + 1
                if not cut:
                    rest += piece
                    if len(rest) > LINE_BYTES_MAX:
                        raise FormatError(source, line, f"a line of more than {LINE_BYTES_MAX >> 20} MiB.")
                    continue
                block = rest + piece[:cut]
                rest = piece[cut:]
                yield line, block
                line += block.count(b"\n")
    except FormatError:
        raise
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        what = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise FormatError(source, line if total else None, f"cannot be read ({what}).") from error
    if rest:
        yield line, rest


def likely_bytes(path: Path) -> int:
    """A guess at what a file unpacks to, from its size and its first bytes."""
    return path.stat().st_size * (_LIKELY_RATIO if is_packed(path) else 1)


def is_packed(path: Path) -> bool:
    """Whether a file's first bytes are those of gzip or zstd."""
    with path.open("rb") as file:
        magic = file.read(4)
    return magic.startswith(_GZIP) or magic == _ZSTD


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _must_be_sane(source: str, line: int, total: int, packed_bytes: int | None, bytes_max: int) -> None:
    if total > bytes_max:
        raise FormatError(source, line, f"unpacks to more than {bytes_max:,} bytes; split the history by session.")
    if packed_bytes is not None and total > RATIO_FREE_BYTES and total > RATIO_MAX * packed_bytes:
        raise FormatError(source, line, f"unpacks to more than {RATIO_MAX} times its size: a zip bomb, not a history.")


def _opened(file: BinaryIO) -> tuple[bool, _Readable]:
    """Whether it is compressed, and its contents; told by its first bytes, not by its name."""
    magic = file.read(4)
    file.seek(0)
    if magic.startswith(_GZIP):
        return True, gzip.GzipFile(fileobj=file, mode="rb")
    if magic == _ZSTD:
        return True, _Zstd(file)
    return False, file


class _Zstd:
    """A zstd file that tells when it was cut short: the library's own reader takes the end of the file for the end.

    Fed in pieces so small that even a frame of one repeated byte unpacks to some 64 MB at once.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._frames = zstandard.ZstdDecompressor(max_window_size=2**27)
        self._frame = self._frames.decompressobj()
        self._packed = b""
        self._whole = True

    def read(self, size: int) -> bytes:
        """About `size` bytes; fewer than that only at the end."""
        pieces: list[bytes] = []
        while size > 0:
            if self._frame.eof:
                self._packed = self._frame.unused_data + self._packed
                self._frame, self._whole = self._frames.decompressobj(), True
            packed = self._packed or self._file.read(_ZSTD_PIECE)
            self._packed = b""
            if not packed:
                if not self._whole:
                    raise EOFError("cut short")
                break
            self._whole = False
            pieces.append(self._frame.decompress(packed))
            self._whole = self._frame.eof
            size -= len(pieces[-1])
        return b"".join(pieces)

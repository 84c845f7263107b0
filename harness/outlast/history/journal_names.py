"""Strings as numbers: most are computed, what the app made up is kept in a side file.

Writing: `NameWriter`. Reading: `NumberedNames`, and `read_strings` for the side file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from outlast.errors import FormatError, LoadError
from outlast.history.journal_layout import Table

FOREIGN_MOST: Final = 50_000
"""Foreign strings kept per table; a hostile app that makes up more gets them all under one name."""
TOO_MANY: Final = "(too many different names)"


class StringsFile:
    """`history.strings` while it is being written: one `write` per line, so a line is there or it is not."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise disk_error(path, error) from error

    def add(self, table: Table, number: int, string: str) -> None:
        """Write one string down. Raises LoadError when the disk is full."""
        line = json.dumps([table, number, string], separators=(",", ":")).encode() + b"\n"
        try:
            if os.write(self._fd, line) == len(line):
                return
        except OSError as error:
            raise disk_error(self._path, error) from error
        raise disk_error(self._path, None)

    def close(self) -> None:
        """No string after this one."""
        os.close(self._fd)


class NameWriter:
    """One table: hands out numbers for strings of our own (computed) and for foreign ones (written down)."""

    __slots__ = ("_file", "_foreign", "_next", "_numbers", "_prefix", "table")

    def __init__(self, table: Table, prefix: str, own: int, file: StringsFile) -> None:
        self.table = table
        self._prefix = prefix
        self._next = own
        self._numbers: dict[str, int] = {}
        self._foreign: set[int] = set()
        self._file = file

    def fresh(self) -> int:
        """The next number for a string of our own."""
        number = self._next
        self._next = number + 1
        return number

    def string(self, number: int) -> str:
        """The string of one of our own numbers."""
        return f"{self._prefix}{number}"

    def known(self, string: str) -> int | None:
        """The number of a string that is our own or was met before; None for a new foreign one."""
        known = self._numbers.get(string)
        if known is not None:
            return known
        prefix = self._prefix
        if prefix and string.startswith(prefix):
            digits = string[len(prefix) :]
            if digits.isascii() and digits.isdigit() and len(digits) < 16:
                number = int(digits)
                if number < self._next and str(number) == digits and number not in self._foreign:
                    return number
        return None

    def number(self, string: str) -> int:
        """String -> its number; a foreign one is written down when it is first met."""
        known = self.known(string)
        return self._foreign_number(string) if known is None else known

    def _foreign_number(self, string: str) -> int:
        if len(self._numbers) >= FOREIGN_MOST:
            string = TOO_MANY
            if string in self._numbers:
                return self._numbers[string]
        number = self.fresh()
        self._file.add(self.table, number, string)
        self._numbers[string] = number
        self._foreign.add(number)
        return number


class NumberedNames:
    """Number -> string, for reading: foreign ones from the side file, the others computed. Cost: constant."""

    __slots__ = ("_count", "_foreign", "_prefix")

    def __init__(self, prefix: str, count: int, foreign: Mapping[int, str]) -> None:
        self._prefix = prefix
        self._count = count
        self._foreign = foreign

    def __getitem__(self, position: int, /) -> str:
        if not 0 <= position < self._count:
            raise IndexError(position)
        foreign = self._foreign.get(position)
        return f"{self._prefix}{position}" if foreign is None else foreign

    def __len__(self) -> int:
        return self._count


def read_strings(path: Path) -> dict[Table, dict[int, str]]:
    """Side file -> table -> number -> string. A torn last line is left out; a missing file is empty.

    Raises FormatError.
    """
    tables: dict[Table, dict[int, str]] = {table: {} for table in Table}
    if not path.exists():
        return tables
    lines = path.read_bytes().split(b"\n")
    lines.pop()
    for number, line in enumerate(lines, start=1):
        try:
            table, position, string = json.loads(line)
            tables[Table(table)][position] = string
        except (ValueError, TypeError) as error:
            raise FormatError(str(path), number, "is not a line of a journal's strings.") from error
    return tables


def disk_error(path: Path, error: OSError | None) -> LoadError:
    """What to tell when the journal cannot grow."""
    why = "the disk is full" if error is None else (error.strerror or str(error))
    return LoadError(
        f"The journal {path} cannot be written ({why}); free some space or choose another folder with --reports."
    )

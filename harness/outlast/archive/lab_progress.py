"""What the lab measured so far, one line per cell: where it stopped, it goes on."""

from __future__ import annotations

import datetime
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from outlast.checkers.verdict import Verdict
from outlast.errors import FormatError, OutlastError

PROGRESS_FILE: Final = "cells.ndjson"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One run of one cell. came_to: by the promise of its cell; word: None where nothing was proven or it broke;
    seconds: of the whole run; run: its folder inside the reports."""

    architecture: str
    experiment: str
    repeat: int
    came_to: Verdict
    word: str | None
    shows: tuple[str, ...]
    on: datetime.date
    engine: str
    seed: int
    run: str
    seconds: float
    sessions: int
    exposed: int
    lost: int
    reason: str = ""
    """Why it came to no pass, in one sentence."""


class Progress:
    """The file `cells.ndjson` of a folder of reports; a last line that a crash tore is left out."""

    def __init__(self, reports: Path) -> None:
        self._file = reports / PROGRESS_FILE

    def read(self) -> list[Done]:
        """All that was measured, in its order. Raises FormatError for a line that is not one, but for a torn last."""
        if not self._file.exists():
            return []
        lines = self._file.read_bytes().split(b"\n")
        done = []
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                done.append(_DECODER.decode(line))
            except msgspec.DecodeError as error:
                if number == len(lines):
                    break
                raise FormatError(str(self._file), number, f"is no measured cell ({error}).") from error
        return done

    def add(self, done: Done) -> None:
        """Append one line, a torn last one ended first. Raises OutlastError when it cannot be written."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            whole = self._file.read_bytes() if self._file.exists() else b""
            if not whole.endswith(b"\n"):
                self._file.write_bytes(whole[: whole.rfind(b"\n") + 1])
            with self._file.open("ab") as file:
                file.write(msgspec.json.encode(done) + b"\n")
        except OSError as error:
            raise OutlastError(f"{self._file} cannot be written ({error.strerror}); free some space.") from error

    def forget(self, cells: Container[tuple[str, str, int]]) -> None:
        """Leave out these cells (architecture, experiment, repeat), so that they are measured anew."""
        if not self._file.exists():
            return
        kept = [done for done in self.read() if (done.architecture, done.experiment, done.repeat) not in cells]
        draft = self._file.with_suffix(".draft")
        try:
            draft.write_bytes(b"".join(msgspec.json.encode(done) + b"\n" for done in kept))
            draft.replace(self._file)
        except OSError as error:
            raise OutlastError(f"{self._file} cannot be written ({error.strerror}); free some space.") from error


_DECODER: Final = msgspec.json.Decoder(Done)

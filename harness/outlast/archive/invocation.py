"""One invocation on disk: a folder with one folder per run in it."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from outlast.archive.run import RunFolder
from outlast.errors import UsageError

LATEST: Final = "latest"


@dataclass(frozen=True, slots=True)
class Invocation:
    """A folder `reports/<UTC time>-<experiment>-<seed>/`."""

    path: Path

    @property
    def runs(self) -> tuple[RunFolder, ...]:
        """Its runs, in the order in which they were made."""
        folders = [folder for folder in self.path.iterdir() if folder.is_dir() and RunFolder.is_one(folder)]
        return tuple(
            RunFolder(f) for f in sorted(folders, key=lambda f: ((f / "plan.json").stat().st_mtime_ns, f.name))
        )

    def new_run(self, name: str) -> RunFolder:
        """A fresh folder for a run; a second one of the same name gets a number."""
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-") or "run"
        for number in range(1, 10_000):
            folder = self.path / (plain if number == 1 else f"{plain}-{number}")
            with contextlib.suppress(FileExistsError):
                folder.mkdir()
                return RunFolder(folder)
        raise UsageError(f"{self.path} holds too many runs named {plain}; start a new invocation.")


def new_invocation(reports: Path, experiment: str, seed: int, now: datetime | None = None) -> Invocation:
    """Makes the folder and points `reports/latest` at it. Raises UsageError when the folder cannot be written."""
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    try:
        reports.mkdir(parents=True, exist_ok=True)
        for number in range(1, 10_000):
            folder = reports / (f"{stamp}-{experiment}-{seed}" + ("" if number == 1 else f".{number}"))
            with contextlib.suppress(FileExistsError):
                folder.mkdir()
                _point_latest(reports, folder)
                return Invocation(folder)
    except OSError as error:
        raise UsageError(
            f"The reports folder {reports} cannot be written ({error.strerror}); choose one with --reports."
        ) from error
    raise UsageError(f"{reports} holds too many invocations of this second.")


def _point_latest(reports: Path, folder: Path) -> None:
    link = reports / f".{LATEST}-{folder.name}"
    link.symlink_to(folder.name)
    link.replace(reports / LATEST)


def find_run(name: str, reports: Path) -> Path:
    """What the user named (a folder of a run or an invocation, or one inside reports/) -> that. Raises UsageError."""
    for candidate in (Path(name), reports / name):
        if candidate.is_dir():
            return candidate.resolve()
    raise UsageError(f"There is no run {name!r}; name a folder inside {reports}, for example {reports / LATEST}.")

"""A history too large for memory, on disk as one file per column: as a journal is, it is mapped when it is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from outlast.bench.big_history import Told, columns_of, told_by
from outlast.history.columns import Columns

GROUP_OPERATIONS: Final = 2**21
"""So many operations are made at a time."""
_NUMBERED: Final = ("session", "client", "value", "user")
"""What each group counts from 0 on, so that it has to be moved past the group before."""


def make_mapped(
    folder: Path, operations: int, *, clients: int = 4, unknown: float = 0.02, length: int = 512, seed: int = 7
) -> None:
    """As `big_history`, written to a folder, row by row in the order of invocation. Cost: some 1 us an operation, 70
    bytes of disk, and memory for a few groups of GROUP_OPERATIONS."""
    length = -(-length // clients) * clients
    sessions_in_all = max(1, operations // length)
    in_group = max(1, GROUP_OPERATIONS // length)
    groups = []
    shift = dict.fromkeys(_NUMBERED, 0)
    for number, first in enumerate(range(0, sessions_in_all, in_group)):
        sessions = min(in_group, sessions_in_all - first)
        told = told_by(sessions, length, clients, unknown, seed + number)
        order = np.argsort(told["invoked_ns"], kind="stable")
        for name, column in told.items():
            moved = np.where(column >= 0, column + shift[name], column) if name in _NUMBERED else column
            np.save(folder / f"group-{number}.{name}.npy", moved.astype(column.dtype)[order])
        shift = {
            "session": shift["session"] + sessions,
            "user": shift["user"] + sessions,
            "client": shift["client"] + int(told["client"].max()) + 1,
            "value": shift["value"] + int(told["value"].max()) + 1,
        }
        groups.append(number)
    _merge(folder, groups, sessions_in_all * length)
    (folder / "sessions.json").write_text(json.dumps(sessions_in_all))


def open_mapped(folder: Path) -> Columns:
    """A folder that `make_mapped` wrote -> Columns that lie in its files."""
    told = {path.stem: np.load(path, mmap_mode="r") for path in folder.glob("*.npy")}
    return columns_of(told, json.loads((folder / "sessions.json").read_text()))


def _merge(folder: Path, groups: list[int], count: int) -> None:
    """The groups, each in the order of invocation -> all of them in that order, a slice of time after the other."""
    parts = [_mapped(folder, f"group-{group}.") for group in groups]
    earliest = min(int(part["invoked_ns"][0]) for part in parts)
    latest = max(int(part["invoked_ns"][-1]) for part in parts)
    bounds = np.linspace(earliest, latest + 1, 2 + count // GROUP_OPERATIONS).astype(np.int64)
    files = {
        name: np.lib.format.open_memmap(folder / f"{name}.npy", "w+", column.dtype, (count,))
        for name, column in parts[0].items()
    }
    cuts = [np.searchsorted(part["invoked_ns"], bounds) for part in parts]
    done = 0
    for at in range(len(bounds) - 1):
        slices = [slice(int(cut[at]), int(cut[at + 1])) for cut in cuts]
        order = np.argsort(_together(parts, "invoked_ns", slices), kind="stable")
        for name, file in files.items():
            file[done : done + len(order)] = _together(parts, name, slices)[order]
        done += len(order)
    for file in files.values():
        file.flush()
    for path in folder.glob("group-*.npy"):
        path.unlink()


def _mapped(folder: Path, prefix: str) -> Told:
    paths = folder.glob(f"{prefix}*.npy")
    return {path.stem.removeprefix(prefix): np.load(path, mmap_mode="r") for path in paths}


def _together(parts: list[Told], name: str, slices: list[slice]) -> NDArray[Any]:
    return np.concatenate([part[name][piece] for part, piece in zip(parts, slices, strict=True)])

"""The undo log of one run: what was begun and must be taken back, on disk before it takes effect."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from outlast.errors import FormatError, OutlastError
from outlast.faults.fault import Undo
from outlast.stacks.owner import Life, Owner
from outlast.stacks.stack import NodeState

FORMAT = "outlast-ledger/1"


class Ledger:
    """The writer's side; one per run. Its lock is held as long as its owner lives.

    Each entry is one line of JSON, synced to the disk before the call returns: some milliseconds on a slow disk.
    """

    def __init__(self, path: Path, run_id: str, engine: str) -> None:
        """Raises `OutlastError` when it cannot be written, or belongs to another run that still goes on."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab", buffering=0)
            _sync_folder(path.parent)
        except OSError as error:
            raise OutlastError(
                f"The undo log {path} cannot be written: {error.strerror}; nothing was begun."
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise OutlastError(f"The undo log {path} is held by another run; choose another folder.") from error
        self.path = path
        self._open: set[int] = set()
        self._next = 1
        owner = str(Owner.this_process())
        self._write({"entry": "opened", "format": FORMAT, "run": run_id, "engine": engine, "owner": owner})

    @property
    def harms_open(self) -> int:
        """How many harms were begun and not taken back."""
        return len(self._open)

    def begin(self, undo: Undo, before: NodeState) -> int:
        """Write down what is about to be harmed, before it is, and what undoes it; returns the harm's number."""
        number = self._next
        self._next += 1
        facts = {
            "identity": before.identity,
            "started": before.started,
            "pid": str(before.pid or ""),
            "recorded_s": str(int(time.time())),
            **dict(undo.facts),
        }
        self._write(
            {
                "entry": "harm",
                "number": number,
                "fault": undo.fault,
                "node": undo.node,
                "verb": undo.verb,
                "facts": facts,
            }
        )
        self._open.add(number)
        return number

    def undone(self, number: int) -> None:
        """A harm was taken back, and that was verified."""
        self._write({"entry": "undone", "number": number})
        self._open.discard(number)

    def close(self, *, settled: bool) -> None:
        """The end; `settled` when nothing is left to undo or remove. Unsettled, guard and sweep will see to it."""
        if self._file.closed:
            return
        with self._file, contextlib.suppress(OutlastError):  # a full disk: a later reader looks for what is left
            if settled:
                self._write({"entry": "closed"})

    def _write(self, entry: Mapping[str, object]) -> None:
        handle, line = self._file.fileno(), json.dumps(entry).encode() + b"\n"
        size = os.fstat(handle).st_size
        try:
            if os.write(handle, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(handle)
        except OSError as error:
            with contextlib.suppress(OSError):  # a torn line would spoil the next one
                os.ftruncate(handle, size)
            raise OutlastError(f"The undo log {self.path} cannot be written: {error.strerror}.") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a ledger says to whoever reads it later. `harms` are the open ones, the latest first, with their facts."""

    path: Path
    run_id: str
    engine: str
    owner: Owner | None
    harms: tuple[Undo, ...]
    closed: bool

    def abandoned(self) -> bool:
        """Whether something is left to do and nobody lives to do it.

        A held lock means a living owner, even one whose pid cannot be seen from here; but a forked child may hold the
        lock of an owner that is surely dead.
        """
        if self.closed:
            return False
        if self.owner is not None and self.owner.life() is Life.DEAD:
            return True
        with self.path.open("a", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return False
        return True


def read(path: Path) -> Record:
    """Read a ledger; a torn last line (its owner died while writing it) is left out. `FormatError` for anything else.

    A harm whose line is torn was never done: the harm begins only after the line is on the disk.
    """
    entries = _entries(path)
    if not entries or entries[0].get("format") != FORMAT:
        raise FormatError(str(path), 1, f"it does not begin as {FORMAT} does.")
    first = entries[0]
    harms: dict[int, Undo] = {}
    closed = False
    for line, entry in enumerate(entries, start=1):
        match entry:
            case {"entry": "opened"}:
                first, closed = entry, False
                harms.clear()
            case {"entry": "harm", "number": int(number)}:
                harms[number] = _undo(path, line, entry)
            case {"entry": "undone", "number": int(number)}:
                harms.pop(number, None)
            case {"entry": "closed"}:
                closed = True
            case _:
                pass  # a later version may write more
    return Record(
        path=path,
        run_id=str(first.get("run", "")),
        engine=str(first.get("engine", "")),
        owner=Owner.parse(str(first.get("owner", ""))),
        harms=tuple(reversed(harms.values())),
        closed=closed,
    )


def settle(path: Path) -> None:
    """Write, in place of a dead owner, that nothing is left."""
    with path.open("a", encoding="utf-8") as file:
        # The owner may have died in the middle of a line.
        file.write("\n" + json.dumps({"entry": "closed"}) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _entries(path: Path) -> list[dict[str, object]]:
    try:
        lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line]
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(str(path), None, f"it cannot be read: {error}.") from error
    entries = []
    for number, line in enumerate(lines, start=1):
        try:
            entry = json.loads(line)
        except ValueError as error:
            if number in (len(lines), len(lines) - 1):
                continue  # torn by its owner's death, perhaps with a settlement after it
            raise FormatError(str(path), number, "it is not JSON.") from error
        if isinstance(entry, dict):
            entries.append(entry)
    return entries


def _undo(path: Path, line: int, entry: Mapping[str, object]) -> Undo:
    facts = entry.get("facts")
    fault, node, verb = entry.get("fault"), entry.get("node"), entry.get("verb")
    if not (isinstance(fault, str) and isinstance(node, str) and isinstance(verb, str) and isinstance(facts, dict)):
        raise FormatError(str(path), line, "a harm must say its fault, node, verb and facts.")
    return Undo(fault=fault, node=node, verb=verb, facts=tuple((str(key), str(value)) for key, value in facts.items()))


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""The guard: a process that outlives a killed harness and undoes what its ledger leaves open.

    python -m outlast.faults.guard LEDGER < PIPE

The harness holds the other end of the pipe and never writes to it. When the pipe ends, the harness is gone: closed in
order, or dead. The ledger tells which.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from outlast.errors import OutlastError
from outlast.faults import ledger
from outlast.faults.ledger import Ledger
from outlast.faults.undoing import undo_all
from outlast.stacks import residue
from outlast.stacks.owner import Life

LEAVE_S = 15.0
LOOK_S = 1.0
TRIES = 5


@contextlib.contextmanager
def guarded(path: Path, run_id: str, engine: str) -> Iterator[Ledger]:
    """An open ledger with a guard beside it; what the body leaves behind is taken away when it ends, however it ends.

    Costs some milliseconds: the guard gets ready on its own. Raises what `Ledger` raises, and what the body does.
    """
    book = Ledger(path, run_id, engine)
    lease, process = _start(path)
    try:
        yield book
    finally:
        try:
            book.close(settled=book.harms_open == 0 and _nothing_left(engine, run_id))
        finally:
            os.close(lease)
            with contextlib.suppress(subprocess.TimeoutExpired):  # it goes on by itself, as it would had we died
                process.wait(LEAVE_S)


def main(arguments: list[str]) -> int:
    """Wait for the harness to end, and undo what it leaves. Exit code 0 when nothing is left."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    path = Path(arguments[0])
    _await_end(path)
    for _ in range(TRIES):
        try:
            record = ledger.read(path)
            if record.closed:
                return 0
            _say(*undo_all(record))
            if ledger.read(path).closed:
                return 0
        except (OutlastError, OSError) as error:
            _say(str(error))
        time.sleep(0.5)  # an engine that does not answer may come back
    return 1


def _nothing_left(engine: str, run_id: str) -> bool:
    """Seen from outside, not believed: what is still there is the guard's to remove."""
    try:
        return not residue.left(engine, run_id)
    except OutlastError:
        return False


def _say(*lines: str) -> None:
    """Into the guard's log; a full disk must not keep it from its work."""
    with contextlib.suppress(OSError):
        for line in lines:
            print(line, flush=True)  # noqa: T201 - its output is its log


def _start(path: Path) -> tuple[int, subprocess.Popen[bytes]]:
    """Our end of the pipe, which no child inherits, and the guard that listens at the other."""
    theirs, ours = os.pipe()
    try:
        with path.with_name("guard.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "outlast.faults.guard", str(path)],
                stdin=theirs,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
    except OSError as error:
        os.close(ours)
        raise OutlastError(f"The guard cannot be started: {error}.") from error
    finally:
        os.close(theirs)
    return ours, process


def _await_end(path: Path) -> None:
    """Return when the pipe has ended, or its owner is dead though some forked child still holds the pipe open."""
    while True:
        readable, _, _ = select.select([sys.stdin], [], [], LOOK_S)
        if readable and not os.read(sys.stdin.fileno(), 1):
            return
        with contextlib.suppress(OutlastError):
            owner = ledger.read(path).owner
            if owner is not None and owner.life() is Life.DEAD:
                return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

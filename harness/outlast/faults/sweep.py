"""The sweep: whatever dead runs left behind is undone and removed, whatever belongs to living ones is left alone."""

from __future__ import annotations

import contextlib
from pathlib import Path

from outlast.errors import FormatError, OutlastError
from outlast.faults import ledger
from outlast.faults.undoing import undo_all
from outlast.stacks import residue

PLACES = ("ledger.ndjson", "*/ledger.ndjson", "*/*/ledger.ndjson")


def sweep(reports: Path) -> list[str]:
    """Undo the abandoned ledgers under a folder of reports, then remove what carries a dead owner's mark anywhere.

    Returns what was done, one line each. Works without Docker. Some tens of milliseconds when there is nothing.
    """
    done = []
    for path in sorted({path for place in PLACES for path in reports.glob(place)}):
        with contextlib.suppress(FormatError, OSError):  # not one of ours, or not ours to read: the marks still tell
            record = ledger.read(path)
            if record.abandoned():
                with contextlib.suppress(OutlastError):  # the engine does not answer; the next sweep tries again
                    done += undo_all(record)
    return done + residue.sweep()

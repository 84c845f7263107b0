"""Taking back all that a dead owner's ledger leaves open, from the record alone."""

from __future__ import annotations

import contextlib
import shutil

from outlast.errors import OutlastError
from outlast.faults import ledger
from outlast.stacks import residue


def undo_all(record: ledger.Record) -> list[str]:
    """Undo the open harms, latest first, then remove the run's own stack; says what was done.

    One harm that cannot be undone keeps nobody from undoing the others. Settles the ledger when nothing is left.
    Raises `OutlastError` when the engine does not answer.
    """
    done = []
    for harm in record.harms:
        with contextlib.suppress(OutlastError):  # its node is about to be removed anyway, and that is verified below
            done.append(residue.undo(record.engine, record.run_id, harm.node, harm.verb, dict(harm.facts)))
    done += residue.remove_run(record.engine, record.run_id)
    # What the nodes kept is as secret as the sessions in it; the ledger lies in the run's own folder.
    shutil.rmtree(record.path.parent / "stack" / "data", ignore_errors=True)
    if not residue.left(record.engine, record.run_id):
        ledger.settle(record.path)
    return done

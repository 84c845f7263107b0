"""Taking back all that a dead owner's ledger leaves open, from the record alone."""

from __future__ import annotations

import shutil
import time

from outlast.errors import OutlastError
from outlast.faults import ledger
from outlast.faults.fault import Undo
from outlast.stacks import residue

LATE_S = 1.0
"""A request that its owner sent with its last breath may take effect so long after its death."""


def undo_all(record: ledger.Record) -> list[str]:
    """Undo the open harms, latest first, then remove the run's own stack; says what was done.

    One harm that cannot be undone keeps nobody from undoing the others. Settles the ledger when nothing is left; what
    is left is for the next try, by the guard or a sweep. Where the harmed node is not the run's own (a project that ran
    before) it stays, so it is looked after twice. Raises `OutlastError` when the engine does not answer.
    """
    # Nothing of the dead goes on working while we undo what it did.
    done = residue.end_processes(record.engine, record.run_id)
    undone, refused = _undo(record, record.harms)
    done += undone
    done += residue.remove_run(record.engine, record.run_id)
    staying = [harm for harm in record.harms if residue.stands(record.engine, dict(harm.facts))]
    if staying:
        time.sleep(LATE_S)
        again, refused = _undo(record, staying)
        done += again
    elif refused:
        refused = []  # its node was the run's own, and is gone
    # What the nodes kept is as secret as the sessions in it; the ledger lies in the run's own folder.
    shutil.rmtree(record.path.parent / "stack" / "data", ignore_errors=True)
    if not refused and not residue.left(record.engine, record.run_id):
        ledger.settle(record.path)
    return [*done, *refused]


def _undo(record: ledger.Record, harms: tuple[Undo, ...] | list[Undo]) -> tuple[list[str], list[str]]:
    """(what was done, what was refused)."""
    done, refused = [], []
    for harm in harms:
        try:
            done.append(residue.undo(record.engine, record.run_id, harm.node, harm.verb, dict(harm.facts)))
        except OutlastError as error:
            refused.append(f"{harm.node}: {error}")
    return done, refused

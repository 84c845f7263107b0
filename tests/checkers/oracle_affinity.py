"""Affinity, move by move: each fault excuses one after its onset, until the next fault."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from outlast.history.history import Header
from outlast.history.operation import VIA_BALANCER, Jar, Operation


def affinity_is_kept(session: Sequence[Operation], header: Header) -> bool:
    """One session's operations, in the order of the file -> whether every change of its server is excused."""
    told = [o for o in session if o.replica is not None and o.via == VIA_BALANCER and o.jar is Jar.BROWSER]
    told.sort(key=lambda o: o.invoked_ns)
    onsets = sorted(fault.start_ns for fault in header.faults)
    used = set()
    for before, after in pairwise(told):
        if before.replica != after.replica:
            begun = [onset for onset in onsets if after.returned_ns is None or onset <= after.returned_ns]
            if not begun or begun[-1] in used:
                return False
            used.add(begun[-1])
    return True

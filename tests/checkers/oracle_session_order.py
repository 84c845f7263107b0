"""The order of one session, word for word: for every read, every pair of writes."""

from __future__ import annotations

from collections.abc import Sequence

from tests.checkers.oracle_register import INFINITY, counts

from outlast.history.operation import Kind, Operation, Outcome


def order_is_kept(session: Sequence[Operation], error: int = 0) -> tuple[bool, bool]:
    """One session's operations -> (read your writes and monotonic reads hold, no unknown write landed late).

    Only for histories whose reads return values of writes that had begun.
    """
    writes: list[tuple[str | None, float, float, float, bool]] = [(None, -INFINITY, -INFINITY, -INFINITY, True)]
    reads = []
    for o in session:
        invoked = o.invoked_ns - error
        returned = INFINITY if o.returned_ns is None else o.returned_ns + error
        if o.op is Kind.WRITE and o.outcome is not Outcome.FAIL:
            sure = o.outcome is Outcome.OK and counts(o)
            writes.append((o.value, invoked, returned if sure else INFINITY, returned, sure))
        elif o.op is Kind.READ and o.outcome is Outcome.OK and o.has_value and counts(o):
            reads.append((o.value, invoked, returned))
    kept, timely = True, True
    for value, invoked, _ in reads:
        _, _, over, answered, _ = next(w for w in writes if w[0] == value)
        for newer, begun, acknowledged, _, sure in writes[1:]:
            known = (sure and acknowledged < invoked) or any(v == newer and r < invoked for v, _, r in reads)
            if known and over < begun:
                kept = False
            elif known and answered < begun:
                timely = False
    return kept, timely

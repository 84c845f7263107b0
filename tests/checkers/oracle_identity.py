"""Identity, by trying every user: is there one of whom all answers can speak?"""

from __future__ import annotations

from collections.abc import Sequence

from outlast.history.operation import VIA_BALANCER, Kind, Operation, Outcome


def identity_is_legal(session: Sequence[Operation]) -> bool:
    """One session's operations, with at most one login -> whether one user explains every name that was told."""
    owners = {o.user for o in session if o.op is Kind.LOGIN and o.outcome is not Outcome.FAIL and o.user is not None}
    named = {o.user for o in session if o.op is not Kind.LOGIN and o.via == VIA_BALANCER and o.user is not None}
    everybody = owners | named or {"somebody"}
    return any(owners <= {user} and named <= {user} for user in everybody)

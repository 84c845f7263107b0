"""Clients: whether one did two things at once, so that what it recorded cannot be trusted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from outlast.history.columns import NEVER, Columns, Ints

_ROW_BITS = 36


def sessions_in_doubt(columns: Columns) -> NDArray[np.bool_]:
    """Columns -> the sessions in which a client began something before it was done with something else.

    Touching is fine. After an operation that was never answered nobody can tell. Cost: one sort of numbers; where the
    rows are not in the order of invocation, one more.
    """
    doubt = np.zeros(len(columns.sessions), bool)
    if len(columns) < 2:
        return doubt
    order = _by_client(columns)
    client, returned = columns.client[order], columns.returned_ns[order]
    at = np.flatnonzero(client[1:] == client[:-1])
    at = at[(columns.invoked_ns[order[at + 1]] < returned[at]) & (returned[at] != NEVER)]
    doubt[columns.session[order[at]]] = True
    doubt[columns.session[order[at + 1]]] = True
    return doubt


def _by_client(columns: Columns) -> Ints:
    """Rows by client, and each client's by invocation."""
    invoked, client = columns.invoked_ns, columns.client
    low, high = int(client.min()), int(client.max())
    if high - low >= 2 ** (62 - _ROW_BITS):
        return np.lexsort((columns.returned_ns, invoked, client))
    in_order = bool((invoked[1:] >= invoked[:-1]).all())
    rows = np.arange(len(columns)) if in_order else np.lexsort((columns.returned_ns, invoked))
    # numbers sort ten times faster than rows by number: the row rides in the low bits
    key = ((client[rows] - low) << _ROW_BITS) | np.arange(len(columns))
    key.sort()
    by_client: Ints = rows[key & (2**_ROW_BITS - 1)]
    return by_client

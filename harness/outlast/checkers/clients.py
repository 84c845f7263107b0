"""Clients: whether one did two things at once, so that what it recorded cannot be trusted."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.blocks import blocks
from outlast.history.columns import NEVER, Columns, Ints

_ROW_BITS: Final = 20
_CLIENTS_MAX: Final = 2**26


def sessions_in_doubt(columns: Columns) -> NDArray[np.bool_]:
    """Columns -> the sessions in which a client began something before it was done with something else.

    Touching is fine. After an operation that was never answered nobody can tell. Cost: O(n), a sort of each block's
    clients; where rows are not in the order of invocation, or clients are numbered at random, a sort of all.
    """
    doubt = np.zeros(len(columns.sessions), bool)
    if len(columns) < 2:
        return doubt
    ends = [(int(c.min()), int(c.max())) for c in (columns.client[block] for block in blocks(columns))]
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    in_order = all(_in_order(columns, block) for block in blocks(columns))
    if in_order and high - low < _CLIENTS_MAX:
        busy_until = np.full(high - low + 1, np.iinfo(np.int64).min)
        busy_with = np.zeros(high - low + 1, np.int32)
        for block in blocks(columns):
            _look(columns, block, low, busy_until, busy_with, doubt)
        return doubt
    order = np.lexsort((columns.returned_ns, columns.invoked_ns, columns.client))
    client, returned = columns.client[order], columns.returned_ns[order]
    at = np.flatnonzero(client[1:] == client[:-1])
    at = at[(columns.invoked_ns[order[at + 1]] < returned[at]) & (returned[at] != NEVER)]
    doubt[columns.session[order[at]]] = True
    doubt[columns.session[order[at + 1]]] = True
    return doubt


def _in_order(columns: Columns, block: slice) -> bool:
    """Whether a block, and the row before it, are in the order of invocation."""
    invoked = columns.invoked_ns[max(0, block.start - 1) : block.stop]
    return bool((invoked[1:] >= invoked[:-1]).all())


def _look(
    columns: Columns,
    block: slice,
    low: int,
    busy_until: Ints,
    busy_with: NDArray[np.int32],
    doubt: NDArray[np.bool_],
) -> None:
    """One block: within it, and against what each client was busy with when it began."""
    client, invoked, session = columns.client[block] - low, columns.invoked_ns[block], columns.session[block]
    returned = columns.returned_ns[block]
    # numbers sort ten times faster than rows by number: the row rides in the low bits
    key = (client << _ROW_BITS) | np.arange(len(client))
    key.sort()
    order = key & (2**_ROW_BITS - 1)
    client, invoked, session = client[order], invoked[order], session[order]
    over = returned[order]
    over = np.where(over == NEVER, invoked, over)
    fresh = np.ones(len(client), bool)
    fresh[1:] = client[1:] != client[:-1]
    before = np.where(fresh, busy_until[client], np.concatenate((over[:1], over[:-1])))
    bad = np.flatnonzero(invoked < before)
    if len(bad):
        other = np.where(fresh[bad], busy_with[client[bad]], session[bad - 1])
        doubt[session[bad]] = True
        doubt[other] = True
    last = np.concatenate((fresh[1:], np.ones(1, bool)))
    busy_until[client[last]] = np.maximum(busy_until[client[last]], over[last])
    busy_with[client[last]] = session[last]

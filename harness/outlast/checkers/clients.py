"""Clients: whether one did two things at once, so that what it recorded cannot be trusted."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.blocks import blocks
from outlast.checkers.order import ascending
from outlast.history.columns import NEVER, Columns, Ints

_ROW_BITS: Final = 20
_CLIENTS_MAX: Final = 2**26


def sessions_in_doubt(columns: Columns) -> NDArray[np.bool_]:
    """Columns -> the sessions in which a client began something before it was done with something else.

    Touching is fine. After an operation that was never answered nobody can tell. Cost: O(n), a sort of each block's
    clients; where rows are not in the order of invocation, or clients are numbered at random, a sort of all. A sort of
    the operations of those clients that did two things at once.
    """
    doubt = np.zeros(len(columns.sessions), bool)
    clients = _who_overlaps(columns)
    if len(clients):
        _mark(columns, np.flatnonzero(np.isin(columns.client, clients)), doubt)
    return doubt


def _who_overlaps(columns: Columns) -> Ints:
    """Clients of which an operation began before the one before it was over. If none did, no two of its operations
    overlap, however far apart: then each ends no later than the next."""
    if len(columns) < 2:
        return np.zeros(0, np.int64)
    ends = [(int(c.min()), int(c.max())) for c in (columns.client[block] for block in blocks(columns))]
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    in_order = all(_in_order(columns, block) for block in blocks(columns))
    if in_order and high - low < _CLIENTS_MAX:
        busy_until = np.full(high - low + 1, np.iinfo(np.int64).min)
        overlaps = np.zeros(high - low + 1, bool)
        for block in blocks(columns):
            _look(columns, block, low, busy_until, overlaps)
        return np.flatnonzero(overlaps) + low
    order = np.lexsort((columns.invoked_ns, columns.client))
    client, returned = columns.client[order], columns.returned_ns[order]
    at = np.flatnonzero(client[1:] == client[:-1])
    at = at[(columns.invoked_ns[order[at + 1]] < returned[at]) & (returned[at] != NEVER)]
    return np.unique(client[at])


def _in_order(columns: Columns, block: slice) -> bool:
    """Whether a block, and the row before it, are in the order of invocation."""
    invoked = columns.invoked_ns[max(0, block.start - 1) : block.stop]
    return bool((invoked[1:] >= invoked[:-1]).all())


def _look(columns: Columns, block: slice, low: int, busy_until: Ints, overlaps: NDArray[np.bool_]) -> None:
    """One block: within it, and against until when each client was busy when it began."""
    client, invoked, returned = columns.client[block] - low, columns.invoked_ns[block], columns.returned_ns[block]
    # numbers sort ten times faster than rows by number: the row rides in the low bits
    key = (client << _ROW_BITS) | np.arange(len(client))
    key.sort()
    order = key & (2**_ROW_BITS - 1)
    client, invoked, over = client[order], invoked[order], returned[order]
    over = np.where(over == NEVER, invoked, over)
    fresh = np.ones(len(client), bool)
    fresh[1:] = client[1:] != client[:-1]
    before = np.where(fresh, busy_until[client], np.concatenate((over[:1], over[:-1])))
    overlaps[client[invoked < before]] = True
    last = np.concatenate((fresh[1:], np.ones(1, bool)))
    busy_until[client[last]] = over[last]


def _mark(columns: Columns, rows: Ints, doubt: NDArray[np.bool_]) -> None:
    """Of these operations, those that began before an earlier one of their client was over, and that one.

    Counter-example to comparing neighbours: [0, 9], [1, 2], [3, 4]: the third began within the first.
    """
    returned = columns.returned_ns[rows]
    over = np.where(returned == NEVER, columns.invoked_ns[rows], returned)
    order = np.lexsort((over, columns.invoked_ns[rows], columns.client[rows]))
    rows, over = rows[order], over[order]
    client, session = columns.client[rows], columns.session[rows]
    by_end = ascending(over)
    rank = np.zeros(len(rows), np.int64)
    rank[by_end] = np.arange(len(rows))
    group = np.concatenate((np.zeros(1, np.int64), np.cumsum(client[1:] != client[:-1])))
    # the last end so far within each client: a later client's ranks lie above all of an earlier one's
    holder = by_end[np.maximum.accumulate(group * len(rows) + rank) % len(rows)][:-1]
    bad = np.flatnonzero((group[1:] == group[:-1]) & (columns.invoked_ns[rows[1:]] < over[holder]))
    doubt[session[bad + 1]] = True
    doubt[session[holder[bad]]] = True

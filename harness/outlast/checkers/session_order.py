"""The order of one session: it reads its own writes, and never an older value after a newer one.

A read must not return a write that is entirely before another write which was acknowledged, or seen, entirely before
the read. Writes that overlap have no order: of W1 [0,10], W2 [1,2] a read at [11,12] may return either.
"""

from __future__ import annotations

import numpy as np

from outlast.checkers.order import holders
from outlast.checkers.register import Clusters, Conflicts
from outlast.checkers.sheet import Sheet
from outlast.history.columns import Ints


def order_breaks(clusters: Clusters, settled: Ints) -> Conflicts:
    """Clusters -> pairs (older, newer): a read of the older began after the newer was known. One pair per older
    cluster.

    settled: per cluster, when its write was over. Cost: one sort, one running maximum, one search per cluster.
    """
    seen = np.flatnonzero(clusters.observed)
    certain = clusters.observed.copy()
    certain[: len(clusters.writes)] |= clusters.sure
    newer = np.flatnonzero(certain)
    newer = newer[np.argsort(clusters.f[newer])]
    begun = clusters.write_inv[newer]
    latest = np.maximum.accumulate(begun)
    holder = holders(begun)
    known = np.searchsorted(clusters.f[newer], clusters.s[seen], side="left")
    some = known > 0
    seen, last = seen[some], known[some] - 1
    bad = latest[last] > settled[seen]
    return Conflicts(seen[bad], newer[holder[last[bad]]])


def given_up(sheet: Sheet, clusters: Clusters) -> Ints:
    """Per cluster when its write was over for the session: its return, also of an unknown one, where one was recorded.

    A write that was never answered has none: it overlaps everything after it.
    """
    settled = clusters.write_ret.copy()
    unknown = np.flatnonzero(~clusters.sure)
    settled[unknown] = sheet.answered(clusters.writes[unknown])
    return settled

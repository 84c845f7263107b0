"""From two values of a register that cannot both be, and from strange values, to the most specific name."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.marks import NO_ROW, Case, Marks, told_in
from outlast.checkers.register import Clusters, Conflicts, Flags, conflicts_of, failed_writes
from outlast.checkers.session_order import given_up, order_breaks
from outlast.checkers.sheet import Sheet
from outlast.history.columns import Ints
from outlast.history.history import Guarantee


def register_marks(sheet: Sheet, clusters: Clusters, late: Clusters | None) -> Iterator[Marks]:
    """Clusters -> findings under the history's guarantee; what it permits is marked as allowed.

    `late`: the clusters of the reads after settling, where the guarantee is `eventual`. Cost: as of the sweep, and some
    sorting of the operations that take part in a conflict.
    """
    guarantee = sheet.survey.header.guarantee
    yield from strange_marks(sheet, clusters)
    conflicts = conflicts_of(clusters)
    settled = given_up(sheet, clusters)
    breaks = Conflicts(conflicts.a[:0], conflicts.b[:0])
    late_writers = clusters.observed[: len(clusters.writes)] & ~clusters.sure
    late_writers &= settled[: len(clusters.writes)] < sheet.end(clusters.session[: len(clusters.writes)])
    if late_writers.any() or (len(conflicts.a) and guarantee is Guarantee.SESSION):
        breaks = order_breaks(clusters, settled)
    older, newer = oriented(clusters, conflicts)
    permitted = np.zeros(len(older), bool)
    if guarantee is Guarantee.EVENTUAL:
        permitted[:] = True
    elif guarantee is Guarantee.SESSION:
        permitted = ~_ordered(clusters, older, newer)
        plain = _conflicting(clusters, breaks.a, breaks.b)
        older = np.concatenate((older, breaks.a[plain]))
        newer = np.concatenate((newer, breaks.b[plain]))
        permitted = np.concatenate((permitted, np.zeros(int(plain.sum()), bool)))
    yield from _named(sheet, clusters, older, newer, permitted)
    yield from _late_writes(sheet, clusters, breaks, guarantee is not Guarantee.SESSION)
    if late is not None:
        older, newer = oriented(late, conflicts_of(late))
        yield from _named(sheet, late, older, newer, np.zeros(len(older), bool))


def strange_marks(sheet: Sheet, clusters: Clusters) -> Iterator[Marks]:
    """Reads of values their session never wrote: garbage, another session's, a failed write's, one not yet begun."""
    reads = clusters.strange
    if len(reads):
        tokens = sheet.told.value[reads].tolist()
        failed = failed_writes(sheet)
        own = {
            (session, token): row
            for session, token, row in zip(
                sheet.session[failed].tolist(),
                sheet.told.value[failed].tolist(),
                sheet.rows[failed].tolist(),
                strict=True,
            )
        }
        sessions = sheet.session[reads].tolist()
        aborted = np.array([own.get(key, NO_ROW) for key in zip(sessions, tokens, strict=True)])
        writer = np.array([sheet.survey.writer_of(token) for token in tokens])
        for anomaly, case, chosen, other in (
            (Anomaly.ABORTED_READ, Case.WRITE_FAILED, aborted != NO_ROW, aborted),
            (Anomaly.SESSION_LEAK, Case.ANOTHERS_VALUE, (aborted == NO_ROW) & (writer >= 0), writer),
            (Anomaly.GARBAGE_READ, Case.NOBODY_WROTE, (aborted == NO_ROW) & (writer < 0), aborted),
        ):
            at = reads[chosen]
            rows = told_in((other[chosen], sheet.rows[at]))
            yield Marks(anomaly=anomaly, case=case, session=sheet.names[sheet.session[at]], rows=rows)
    if len(clusters.future):
        writes = clusters.writes[clusters.future_cluster]
        rows = told_in((sheet.rows[writes], sheet.rows[clusters.future]))
        names = sheet.names[sheet.session[clusters.future]]
        yield Marks(anomaly=Anomaly.FUTURE_READ, case=Case.WRITTEN_LATER, session=names, rows=rows)


def oriented(clusters: Clusters, conflicts: Conflicts) -> tuple[Ints, Ints]:
    """Conflicting pairs -> (older, newer): by the order of their writes; if these overlap, by which was read last."""
    a, b = conflicts.a, conflicts.b
    a_first = clusters.write_ret[a] < clusters.write_inv[b]
    b_first = clusters.write_ret[b] < clusters.write_inv[a]
    a_read_last = np.where(clusters.s[a] > clusters.write_inv[a], clusters.s[a], -1)
    b_read_last = np.where(clusters.s[b] > clusters.write_inv[b], clusters.s[b], -1)
    a_older = a_first | (~b_first & (a_read_last >= b_read_last))
    return np.where(a_older, a, b), np.where(a_older, b, a)


def _conflicting(clusters: Clusters, a: Ints, b: Ints) -> Flags:
    conflicting: Flags = (clusters.f[a] < clusters.s[b]) & (clusters.f[b] < clusters.s[a])
    return conflicting


def _ordered(clusters: Clusters, older: Ints, newer: Ints) -> Flags:
    ordered: Flags = clusters.write_ret[older] < clusters.write_inv[newer]
    return ordered


def _named(sheet: Sheet, clusters: Clusters, older: Ints, newer: Ints, permitted: Flags) -> Iterator[Marks]:
    """a and d of the older value, b and c of the newer: a finished before b began, yet c finished before d began."""
    if not len(older):
        return
    # of all that an old value overtook, the newest should have been read: the others were overwritten legally
    order = np.lexsort((-clusters.write_inv[newer], older, permitted))
    fresh = np.ones(len(order), bool)
    fresh[1:] = (older[order][1:] != older[order][:-1]) | (permitted[order][1:] != permitted[order][:-1])
    older, newer, permitted = older[order][fresh], newer[order][fresh], permitted[order][fresh]
    first = _finished_first(sheet, clusters, np.concatenate((older, newer)))
    last = _begun_last(sheet, clusters, np.concatenate((older, newer)))
    a, c = first[: len(older)], first[len(older) :]
    d, b = last[: len(older)], last[len(older) :]
    older_write, newer_write = _row(sheet, clusters, older), _row(sheet, clusters, newer)
    by_write = c == newer_write
    came_back = clusters.s[newer] > clusters.s[older]
    sessions = sheet.names[clusters.session[older]]
    rows = told_in((older_write, newer_write, a, c, b, d))
    figures = np.stack((older_write, newer_write, c, d, b), axis=1)
    for anomaly, case, chosen in (
        (Anomaly.NON_MONOTONIC_READ, Case.SEEN_THEN_OLDER, ~by_write),
        (Anomaly.STALE_READ, Case.ACKNOWLEDGED_THEN_OLDER, by_write & came_back),
        (Anomaly.LOST_WRITE, Case.ACKNOWLEDGED_THEN_OLDER, by_write & ~came_back),
    ):
        yield Marks(
            anomaly=anomaly,
            case=case,
            session=sessions[chosen],
            rows=rows[chosen],
            figures=figures[chosen],
            allowed=permitted[chosen],
        )


def _late_writes(sheet: Sheet, clusters: Clusters, breaks: Conflicts, permitted: bool) -> Iterator[Marks]:
    """A write of unknown outcome that the session had given up, and that showed up after a newer one was known."""
    unknown = breaks.a < len(clusters.writes)
    unknown[unknown] = ~clusters.sure[breaks.a[unknown]]
    late = unknown & ~_conflicting(clusters, breaks.a, breaks.b)
    older, newer = breaks.a[late], breaks.b[late]
    if len(older):
        c = _finished_first(sheet, clusters, newer)
        d = _begun_last(sheet, clusters, older)
        older_write, newer_write = _row(sheet, clusters, older), _row(sheet, clusters, newer)
        rows = told_in((older_write, newer_write, c, d))
        yield Marks(
            anomaly=Anomaly.LATE_WRITE,
            case=Case.LANDED_LATE,
            session=sheet.names[clusters.session[older]],
            rows=rows,
            figures=np.stack((older_write, newer_write, c, d), axis=1),
            allowed=permitted,
        )


def _row(sheet: Sheet, clusters: Clusters, cluster: Ints) -> Ints:
    """The row of the write of each cluster, NO_ROW of an initial value."""
    if not len(clusters.writes):
        return np.full(len(cluster), NO_ROW)
    is_write = cluster < len(clusters.writes)
    return np.where(is_write, sheet.rows[clusters.writes[np.where(is_write, cluster, 0)]], NO_ROW)


def _finished_first(sheet: Sheet, clusters: Clusters, wanted: Ints) -> Ints:
    """Per wanted cluster the row of the operation with the first return; the write goes before a read of the same
    instant."""
    return _extreme(sheet, clusters, wanted, clusters.write_ret, sheet.ret)


def _begun_last(sheet: Sheet, clusters: Clusters, wanted: Ints) -> Ints:
    """Per wanted cluster the row of the operation with the last invocation."""
    return _extreme(sheet, clusters, wanted, -clusters.write_inv, -sheet.inv)


def _extreme(sheet: Sheet, clusters: Clusters, wanted: Ints, of_write: Ints, of_operation: Ints) -> Ints:
    """Per wanted cluster the row of its member with the lowest key."""
    involved = np.zeros(len(clusters.f), bool)
    involved[wanted] = True
    at = np.flatnonzero(involved[clusters.read_cluster])
    members = np.flatnonzero(involved)
    cluster = np.concatenate((members, clusters.read_cluster[at]))
    key = np.concatenate((of_write[members], of_operation[clusters.reads[at]]))
    rows = np.concatenate((_row(sheet, clusters, members), sheet.rows[clusters.reads[at]]))
    order = np.lexsort((key, cluster))  # stable: a cluster's write comes before its reads
    first = np.searchsorted(cluster[order], wanted)
    chosen: Ints = rows[order][first]
    return chosen

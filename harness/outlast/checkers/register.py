"""Register with unique writes: which values of a session cannot have been current when they were read.

Zones, after Gibbons and Korach 1997 (1-atomicity): the operations of one value form a cluster, its zone reaches from
f = the first return to s = the last invocation. f < s: the value was current throughout. Else one point in [s, f] is
enough. A register is linearizable iff no two clusters A, B have f_A < s_B and f_B < s_A.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.evidence import READ, WRITE, WRITE_FAILED, WRITE_MAYBE
from outlast.checkers.order import ascending, holders
from outlast.checkers.sheet import Sheet
from outlast.history.columns import ABSENT, NONE_YET, Ints

Flags = NDArray[np.bool_]
PLACES_A_WRITE: Final = 16
"""In the table of tokens: with so many, some 3 % of the writes find theirs taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """A register's values: cluster i < len(writes) is the value of write i; cluster len(writes) + s session s's
    initial one.

    writes: positions in the sheet. reads, read_cluster: the legal reads and whose value they returned. f, s: the zone.
    write_inv, write_ret: of the write; both minus infinity for an initial value, ret plus infinity for an unknown
    write. observed: whether any read returned the value. strange: reads whose value is not a write of their session.
    future, future_cluster: reads that returned before the write of their value was invoked. twice: sessions (flags) in
    which two writes carry one token: their register is not judged. late_read: the last read's invocation by session.
    """

    writes: Ints
    sure: Flags
    reads: Ints
    read_cluster: Ints
    session: Ints
    f: Ints
    s: Ints
    write_inv: Ints
    write_ret: Ints
    observed: Flags
    strange: Ints
    future: Ints
    future_cluster: Ints
    twice: Flags


@dataclass(frozen=True, slots=True)
class Conflicts:
    """Pairs of clusters that cannot both be: arrays of cluster numbers."""

    a: Ints
    b: Ints


def clusters_of(sheet: Sheet, reads: Ints | None = None) -> Clusters:
    """Sheet -> Clusters. `reads`: only these count (default: all). Cost: O(n); a sort of the tokens if
    one of them is in two writes."""
    if reads is None:
        reads = sheet.where(READ)
    token = sheet.told.value[reads]
    reads, token = reads[token != ABSENT], token[token != ABSENT]
    writes = sheet.where(WRITE | WRITE_MAYBE)
    writer, twice = _writer_of_each(sheet, writes, reads, token)
    legal = writer >= 0
    strange = reads[~legal & (token != NONE_YET)]
    initial = token == NONE_YET
    cluster = np.where(initial, len(writes) + sheet.session[reads], writer)
    early = legal & (sheet.ret[reads] < sheet.inv[writes[np.maximum(writer, 0)]]) if len(writes) else legal
    early &= ~twice[sheet.session[reads]]  # of one token in two writes nobody can tell which was read
    keep = (legal | initial) & ~early & ~twice[sheet.session[reads]]
    read_at, read_cluster = reads[keep], cluster[keep]
    f = np.concatenate((sheet.ret[writes], sheet.base))
    s = np.concatenate((sheet.inv[writes], sheet.base))
    sure = (sheet.roles[writes] & WRITE) != 0
    write_ret = np.concatenate((np.where(sure, sheet.ret[writes], sheet.end(sheet.session[writes])), sheet.base))
    f[: len(writes)] = write_ret[: len(writes)]
    write_inv = s.copy()
    np.minimum.at(f, read_cluster, sheet.ret[read_at])
    np.maximum.at(s, read_cluster, sheet.inv[read_at])
    observed = np.zeros(len(f), bool)
    observed[read_cluster] = True
    return Clusters(
        writes=writes,
        sure=sure,
        reads=read_at,
        read_cluster=read_cluster,
        session=np.concatenate((sheet.session[writes], np.arange(sheet.sessions))),
        f=f,
        s=s,
        write_inv=write_inv,
        write_ret=write_ret,
        observed=observed,
        strange=strange,
        future=reads[early],
        future_cluster=cluster[early],
        twice=twice,
    )


def conflicts_of(clusters: Clusters) -> Conflicts:
    """Clusters -> the conflicting pairs that a sweep meets: at least one in every session that has any.

    Equivalent to the pairwise rule: forward zones are pairwise disjoint (touching is fine), and no backward zone lies
    strictly inside a forward one. Cost: one sort of the zones, one running maximum.
    """
    # an unknown write that nobody saw may never have happened; an initial value that nobody saw constrains nothing
    certain = clusters.observed.copy()
    certain[: len(clusters.writes)] |= clusters.sure
    zones = np.flatnonzero(certain)
    f, s = clusters.f[zones], clusters.s[zones]
    forward = f < s
    # a forward zone does not hold strictly inside what begins where it begins: the backward one goes first
    order = np.argsort(np.minimum(f, s) * 2 + forward)
    zones, f, reach = zones[order], f[order], np.where(forward, s, -1)[order]
    furthest = np.maximum.accumulate(reach)
    before = np.concatenate((np.full(1, -1), furthest))[:-1]
    bad = np.flatnonzero(before > f)
    if not len(bad):
        return Conflicts(bad, bad)
    holder = holders(reach)
    return Conflicts(zones[holder[bad - 1]], zones[bad])


def unverified(sheet: Sheet, clusters: Clusters) -> Flags:
    """Sessions whose last acknowledged write nothing overwrites and no later-begun read could have shown. Cost: O(n).

    Counter-example to calling it fine: W(a) ok, and nothing after it: a store that forgot `a` looks the same.
    """
    sure = clusters.writes[clusters.sure]
    last_ret = sheet.highest(sure, sheet.ret[sure])
    overwriting = np.concatenate((sure, clusters.writes[~clusters.sure & clusters.observed[: len(clusters.writes)]]))
    last_inv = sheet.highest(overwriting, sheet.inv[overwriting])
    last_read = sheet.highest(clusters.reads, sheet.inv[clusters.reads])
    unread: Flags = (last_ret > sheet.base) & (last_ret >= np.maximum(last_inv, last_read)) & ~clusters.twice
    return unread


def failed_writes(sheet: Sheet) -> Ints:
    """Positions of the writes that surely did not take effect."""
    return sheet.where(WRITE_FAILED)


def _writer_of_each(sheet: Sheet, writes: Ints, reads: Ints, token: Ints) -> tuple[Ints, Flags]:
    """Per read the place in `writes` of the write of its value in its own session, -1 for none; and the sessions in
    which a token was written twice.

    A table by the low bits of the token; the few writes that find their place in it taken are sorted. Counter-example
    to a table of all tokens: those of a sheet are spread over all that the history has. Cost: O(n).
    """
    if not len(writes):
        return np.full(len(reads), -1), np.zeros(sheet.sessions, bool)
    written = sheet.told.value[writes]
    low_bits = (1 << (PLACES_A_WRITE * len(writes)).bit_length()) - 1
    table = np.full(low_bits + 1, -1, np.int32)
    number = np.arange(len(writes), dtype=np.int32)
    table[written & low_bits] = number
    holder = table[written & low_bits]
    crowded = np.flatnonzero(holder != number)
    if (written[holder[crowded]] == written[crowded]).any() or len(np.unique(written[crowded])) < len(crowded):
        return _writer_by_sorting(sheet, writes, reads, token)  # one token in two writes
    writer = table[token & low_bits].astype(np.int64)
    writer[written[writer] != token] = -1
    if len(crowded):
        missing = np.flatnonzero(writer < 0)
        found, _ = _writer_by_sorting(sheet, writes[crowded], reads[missing], token[missing])
        writer[missing] = np.where(found >= 0, crowded[found], -1)
    mine = sheet.session[writes[writer]] == sheet.session[reads]
    return np.where(mine, writer, -1), np.zeros(sheet.sessions, bool)


def _writer_by_sorting(sheet: Sheet, writes: Ints, reads: Ints, token: Ints) -> tuple[Ints, Flags]:
    """The same, looked up by (session, token): whatever the tokens are. Cost: O(n log n)."""
    twice = np.zeros(sheet.sessions, bool)
    written = sheet.told.value[writes]
    order = np.lexsort((written, sheet.session[writes]))
    by_session, by_token = sheet.session[writes][order], written[order]
    same = (by_session[1:] == by_session[:-1]) & (by_token[1:] == by_token[:-1])
    twice[by_session[1:][same]] = True
    _, code = np.unique(np.concatenate((written, token)), return_inverse=True)
    size = int(code.max()) + 1
    key = sheet.session[writes] * size + code[: len(writes)]
    asked = sheet.session[reads] * size + code[len(writes) :]
    order = ascending(key)
    at = np.minimum(np.searchsorted(key[order], asked), len(order) - 1)
    return np.where(key[order][at] == asked, order[at], -1), twice

"""A history cut into equal slices of time: what the curves of the report are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.requests import failed_of
from outlast.history.columns import ABSENT, JARS, KINDS, NEVER, OUTCOMES, SEEN, VIAS, Bytes, Columns, Ints
from outlast.history.history import History, PhaseName
from outlast.history.operation import VIA_BALANCER, Jar, Kind, Outcome, Seen
from outlast.render.plain import plain

SLICES_MAX: Final = 240
_SLICES_LEAST: Final = 60
_CROWD: Final = 50
"""Requests that a slice should have, so that its p99 and its shares mean something."""
_WIDTHS_MS: Final = (100, 200, 250, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000)
_NS_PER_MS: Final = 1_000_000
_REPLICAS_MAX: Final = 12

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Requests through the balancer, in `slices` slices of `width_ns` from `start_ns` on; one entry per slice each.

    answered, failed: how many requests came back, and how many failed, in the slice. p50_ms, p99_ms, max_ms: latency
    from the intended time, filed under the intended time, NaN where nothing was due. alive, gone: sessions by what
    their last answer showed, at the end of the slice. answers[r]: answers that named replica r. fleeting: whether the
    slice lies in the audit, whose burst of questions is not load.
    """

    start_ns: int
    width_ns: int
    answered: Ints
    failed: Ints
    p50_ms: Floats
    p99_ms: Floats
    max_ms: Floats
    alive: Ints
    gone: Ints
    replicas: tuple[str, ...]
    answers: NDArray[np.int64]
    fleeting: NDArray[np.bool_]

    @property
    def slices(self) -> int:
        """How many slices."""
        return int(self.answered.shape[0])

    @property
    def end_ns(self) -> int:
        """The end of the last slice."""
        return self.start_ns + self.width_ns * self.slices


def timeline_of(history: History) -> Timeline | None:
    """History -> Timeline, None of a history without a request. Cost: O(n log n) in numpy; 0.5 s for 1 M operations."""
    columns = history.columns
    judged = np.flatnonzero(columns.via == VIAS.index(VIA_BALANCER))
    if not len(judged):
        return None
    returned = columns.returned_ns[judged]
    ended = np.where(returned == NEVER, columns.invoked_ns[judged], returned)
    intended = columns.intended_ns[judged]
    start_ns, end_ns = int(intended.min()), int(ended.max()) + 1
    if history.header.phases:
        start_ns = min(start_ns, history.header.phases[0].start_ns)
        end_ns = max(end_ns, history.header.phases[-1].end_ns)
    width_ns = _width_ns(end_ns - start_ns, len(judged))
    if history.header.faults:
        onset_ns = history.header.faults[0].start_ns  # on the edge of a slice: what follows it is not drawn before it
        start_ns = onset_ns + -(-(start_ns - onset_ns) // width_ns) * width_ns
        start_ns -= width_ns * (start_ns > int(intended.min()))
    slices = -(-(end_ns - start_ns) // width_ns)
    when_ended = (ended - start_ns) // width_ns
    when_due = (intended - start_ns) // width_ns
    failed = failed_of(columns, judged)
    p50, p99, most = _latencies(when_due, (ended - intended) / _NS_PER_MS, slices)
    alive, gone = _sessions(columns, judged, ended, when_ended, slices)
    replicas, answers = _answers(columns, judged, when_ended, slices)
    return Timeline(
        start_ns=start_ns,
        width_ns=width_ns,
        answered=np.bincount(when_ended[~failed], minlength=slices),
        failed=np.bincount(when_ended[failed], minlength=slices),
        p50_ms=p50,
        p99_ms=p99,
        max_ms=most,
        alive=alive,
        gone=gone,
        replicas=replicas,
        answers=answers,
        fleeting=_in_audit(history, start_ns, width_ns, slices),
    )


def seen_or_logged_in(columns: Columns) -> Bytes:
    """`columns.seen`, with an acknowledged login that showed nothing else as alive."""
    logged_in = (columns.kind == KINDS.index(Kind.LOGIN)) & (columns.outcome == OUTCOMES.index(Outcome.OK))
    seen: Bytes = np.where(logged_in & (columns.seen == 0), SEEN.index(Seen.ALIVE), columns.seen).astype(np.uint8)
    return seen


def _width_ns(span_ns: int, requests: int) -> int:
    """The narrowest round width with at most SLICES_MAX slices, of _CROWD requests each if enough are left."""
    for width_ms in _WIDTHS_MS:
        slices = span_ns / (width_ms * _NS_PER_MS)
        if slices <= SLICES_MAX and (requests / slices >= _CROWD or slices <= _SLICES_LEAST * 2):
            return width_ms * _NS_PER_MS
    return -(-span_ns // SLICES_MAX)


def _latencies(when: Ints, latency_ms: Floats, slices: int) -> tuple[Floats, Floats, Floats]:
    """p50, p99 and maximum per slice, by the nearest-rank rule."""
    order = np.lexsort((latency_ms, when))
    ranked = latency_ms[order]
    sizes = np.bincount(when, minlength=slices)
    first = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    some = sizes > 0

    def rank(part: float) -> Floats:
        values = np.full(slices, np.nan)
        values[some] = ranked[first[some] + np.maximum(0, np.ceil(sizes[some] * part).astype(np.int64) - 1)]
        return values

    return rank(0.5), rank(0.99), rank(1.0)


def _sessions(columns: Columns, judged: Ints, ended: Ints, when: Ints, slices: int) -> tuple[Ints, Ints]:
    """Sessions alive and gone at the end of each slice: each session counts by its last telling answer.

    An answer to the kept cookie shows what the server still has, not what the user's browser has, and is left out. An
    acknowledged login lives until an answer says otherwise. Who logged out (or may have) is not gone, however often the
    audit asks.
    """
    seen, kind, outcome = seen_or_logged_in(columns)[judged], columns.kind[judged], columns.outcome[judged]
    left = (kind == KINDS.index(Kind.LOGOUT)) & (outcome != OUTCOMES.index(Outcome.FAIL))
    browser = columns.jar[judged] == JARS.index(Jar.BROWSER)
    telling = np.flatnonzero(((seen > 0) & browser) | left)
    session = columns.session[judged][telling]
    order = telling[np.lexsort((ended[telling], session))]
    session, slot = columns.session[judged][order], when[order]
    first = np.concatenate((np.ones(1, bool), session[1:] != session[:-1]))[: len(order)]
    lefts = np.cumsum(left[order])
    has_left = lefts > np.maximum.accumulate(np.where(first, lefts - left[order], 0))
    alive = (seen[order] == SEEN.index(Seen.ALIVE)) & ~(left[order] & (outcome[order] == OUTCOMES.index(Outcome.OK)))
    state = np.where(alive, 1, np.where(has_left, 0, 2)).astype(np.int8)
    before = np.where(first, 0, np.concatenate((np.zeros(1, np.int8), state[:-1]))[: len(order)])
    counts = []
    for wanted in (1, 2):
        change = (state == wanted).astype(np.int64) - (before == wanted).astype(np.int64)
        counts.append(np.cumsum(np.bincount(slot, weights=change, minlength=slices)).round().astype(np.int64))
    return counts[0], counts[1]


def _answers(columns: Columns, judged: Ints, when: Ints, slices: int) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Answers per replica and slice, replicas by name; what exceeds _REPLICAS_MAX is put together as "others"."""
    replica = columns.replica[judged]
    named = replica != ABSENT
    totals = np.bincount(replica[named], minlength=len(columns.nodes))
    order = sorted(range(len(totals)), key=lambda r: (-int(totals[r]), r))
    shown = sorted((r for r in order[:_REPLICAS_MAX] if totals[r]), key=lambda r: columns.nodes[r])
    rest = [r for r in order[_REPLICAS_MAX:] if totals[r]]
    place = np.full(max(1, len(totals)), len(shown), np.int64)
    place[shown] = np.arange(len(shown))
    rows = len(shown) + bool(rest)
    flat = np.bincount(place[replica[named]] * slices + when[named], minlength=rows * slices)
    names = tuple(plain(columns.nodes[r], 40) for r in shown) + (("others",) if rest else ())
    return names, flat.reshape(rows, slices)


def _in_audit(history: History, start_ns: int, width_ns: int, slices: int) -> NDArray[np.bool_]:
    ends = start_ns + width_ns * (np.arange(slices) + 1)
    audits = [phase.start_ns for phase in history.header.phases if phase.name is PhaseName.AUDIT]
    return ends > min(audits) if audits else np.zeros(slices, bool)

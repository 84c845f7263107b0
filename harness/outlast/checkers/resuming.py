"""How streams fared: how many were cut, on which replica, how many were taken up again, and how soon."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from outlast.checkers.evidence import JUDGED, STREAM, roles_of
from outlast.history.columns import NEVER, Columns
from outlast.history.history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class OnReplica:
    """Streams that a replica was sending at the onset of the first fault, and how many of them were cut later."""

    open: int
    cut: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFigures:
    """All streams of a run. cut: how often one was; resumed: how many of these cuts were followed by more of the
    stream; resume_ms: from the cut to the first that came then, None where none came."""

    opened: int
    cut: int
    resumed: int
    resume_ms_p50: float | None
    resume_ms_p95: float | None
    at_onset: dict[str, OnReplica]


@dataclass(frozen=True, slots=True)
class _Segment:
    row: int
    invoked_ns: int
    returned_ns: int
    replica: int
    cut: bool
    heard: bool


def stream_figures(history: History) -> StreamFigures | None:
    """History -> its streams' figures; None without streams. Cost: O(streams), in Python."""
    columns = history.columns
    if not columns.streams:
        return None
    streams = [sorted(segments, key=lambda one: one.invoked_ns) for segments in _streams(columns).values()]
    waits, cuts = [], 0
    for segments in streams:
        for place, segment in enumerate(segments):
            if segment.cut:
                cuts += 1
                after = next((later for later in segments[place + 1 :] if later.heard), None)
                if after is not None:
                    waits.append((after.returned_ns - segment.returned_ns) / 1e6)
    p50, p95 = np.percentile(waits, (50, 95), method="inverted_cdf").tolist() if waits else (None, None)
    onset = min((fault.start_ns for fault in history.header.faults), default=None)
    return StreamFigures(
        opened=len(streams),
        cut=cuts,
        resumed=len(waits),
        resume_ms_p50=p50,
        resume_ms_p95=p95,
        at_onset={} if onset is None else _at(onset, streams, columns),
    )


def _streams(columns: Columns) -> dict[tuple[int, int], list[_Segment]]:
    found: dict[tuple[int, int], list[_Segment]] = defaultdict(list)
    rows = np.array(sorted(columns.streams), np.int64)
    judged = (roles_of(columns, rows) & (STREAM | JUDGED)) == (STREAM | JUDGED)
    for row in rows[judged].tolist():
        told, returned = columns.streams[row], int(columns.returned_ns[row])
        invoked = int(columns.invoked_ns[row])
        heard = told.to_offset is not None and (told.from_offset is None or told.to_offset > told.from_offset)
        segment = _Segment(
            row,
            invoked,
            invoked if returned == NEVER else returned,
            int(columns.replica[row]),
            told.cut is True,
            heard,
        )
        found[int(columns.session[row]), int(columns.path[row])].append(segment)
    return found


def _at(onset: int, streams: list[list[_Segment]], columns: Columns) -> dict[str, OnReplica]:
    """By the replica that sent them: those under way at that instant, and those of them that were cut."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for segments in streams:
        under_way = [one for one in segments if one.invoked_ns <= onset]
        if not under_way or under_way[-1].replica < 0 or segments[-1].returned_ns <= onset:
            continue
        count = counts[columns.nodes[under_way[-1].replica]]
        count[0] += 1
        count[1] += any(one.cut and one.replica == under_way[-1].replica for one in segments)
    return {name: OnReplica(open=count[0], cut=count[1]) for name, count in sorted(counts.items())}

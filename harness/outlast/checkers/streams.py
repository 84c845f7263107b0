"""Streams: cut ones, and gaps and repetitions where one was resumed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.evidence import JUDGED, STREAM
from outlast.checkers.marks import Case, Marks, told_in
from outlast.checkers.order import ascending
from outlast.checkers.sheet import Sheet


def stream_marks(sheet: Sheet) -> Iterator[Marks]:
    """Sheet -> findings of its streams; offsets are half-open: a stream [0, 5) goes on at 5. Cost: O(streams), in
    Python."""
    if not sheet.columns.streams:
        return
    streams = sheet.where(STREAM)
    streams = streams[(sheet.roles[streams] & JUDGED) != 0]
    streams = streams[ascending(sheet.inv[streams])]
    found: dict[Case, list[tuple[int, int, int]]] = {Case.CUT: [], Case.GAP: [], Case.REPEATED: []}
    last: dict[tuple[int, int], int] = defaultdict(lambda: -1)
    for at, row in zip(streams.tolist(), sheet.rows[streams].tolist(), strict=True):
        told = sheet.columns.streams[row]
        if told.cut:
            found[Case.CUT].append((at, -1, row))
        key = (int(sheet.session[at]), int(sheet.columns.path[row]))
        before = last[key]
        reached = sheet.columns.streams[before].to_offset if before >= 0 else None
        if told.from_offset is not None and reached is not None and told.from_offset != reached:
            found[Case.GAP if told.from_offset > reached else Case.REPEATED].append((at, before, row))
        if told.to_offset is not None:
            last[key] = row
    for anomaly, case in (
        (Anomaly.CUT_STREAM, Case.CUT),
        (Anomaly.LOST_MESSAGE, Case.GAP),
        (Anomaly.DUPLICATE_MESSAGE, Case.REPEATED),
    ):
        if found[case]:
            table = np.array(found[case], np.int64)
            names = sheet.names[sheet.session[table[:, 0]]]
            yield Marks(anomaly=anomaly, case=case, session=names, rows=told_in((table[:, 1], table[:, 2])))

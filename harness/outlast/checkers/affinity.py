"""Affinity: whose server changed more than once per fault, or without one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.evidence import JUDGED, KEPT_JAR
from outlast.checkers.marks import NO_ROW, Case, Marks, told_in
from outlast.checkers.order import ascending
from outlast.checkers.sheet import Sheet


def affinity_marks(sheet: Sheet) -> Iterator[Marks]:
    """Sheet -> sessions that moved too often. Cost: a sort of the answers that tell their replica.

    Each fault excuses one move of each session after its onset, until the next fault. Answers are taken in the order of
    their invocation, though of overlapping ones nobody knows which server was chosen first.
    """
    replica = sheet.told.replica
    named = np.flatnonzero(replica >= 0)
    some = np.full(sheet.sessions, -1, np.int32)
    some[sheet.session[named]] = replica[named]
    moving = np.zeros(sheet.sessions, bool)
    moving[sheet.session[named[replica[named] != some[sheet.session[named]]]]] = True
    if not moving.any():
        return
    judged = np.flatnonzero((sheet.roles & (JUDGED | KEPT_JAR)) == JUDGED)
    judged = judged[moving[sheet.session[judged]] & (replica[judged] >= 0)]
    order = judged[ascending(sheet.inv[judged])]
    replica, session = sheet.told.replica[order], sheet.session[order]
    moved = np.flatnonzero((session[1:] == session[:-1]) & (replica[1:] != replica[:-1])) + 1
    if not len(moved):
        return
    onsets = np.sort(np.array([fault.start_ns for fault in sheet.survey.header.faults], np.int64))
    answered = sheet.told.returned_ns[order[moved]]
    excuse = np.searchsorted(onsets, answered, side="right")
    by_excuse = np.lexsort((excuse, session[moved]))
    before = np.full(len(moved), NO_ROW)  # the move that the same fault excuses
    before[by_excuse[1:]] = np.where(
        (excuse[by_excuse][1:] == excuse[by_excuse][:-1])
        & (session[moved][by_excuse][1:] == session[moved][by_excuse][:-1]),
        by_excuse[:-1],
        NO_ROW,
    )
    before[excuse == 0] = NO_ROW
    flap = np.flatnonzero((excuse == 0) | (before != NO_ROW))
    if not len(flap):
        return
    owner = session[moved[flap]]
    flap = flap[np.concatenate((np.ones(1, bool), owner[1:] != owner[:-1]))]
    at, excused = moved[flap], moved[before[flap]]
    rows = sheet.rows[order]
    moves = np.bincount(session[moved], minlength=sheet.sessions)
    yield Marks(
        anomaly=Anomaly.AFFINITY_FLAP,
        case=Case.MOVED,
        session=sheet.names[session[at]],
        rows=told_in(
            (
                np.where(before[flap] == NO_ROW, NO_ROW, rows[excused - 1]),
                np.where(before[flap] == NO_ROW, NO_ROW, rows[excused]),
                rows[at - 1],
                rows[at],
            )
        ),
        figures=moves[session[at]][:, None],
    )

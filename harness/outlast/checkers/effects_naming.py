"""From logs that cannot be beginnings of one log to the most specific name."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.effects import Attempts, Flags, Logs, Order, disagreeing, logs_of, order_of, repeated
from outlast.checkers.effects_hidden import hidden_marks
from outlast.checkers.marks import NO_ROW, Case, Marks, told_in
from outlast.checkers.order import ascending
from outlast.checkers.sheet import Sheet
from outlast.history.columns import KINDS, Columns, Ints
from outlast.history.operation import Kind


def effects_marks(sheet: Sheet) -> Iterator[Marks]:
    """Sheet -> findings of the effect logs. Cost: O(total length) and some sorts of it."""
    read = logs_of(sheet)
    if read is None:
        return
    logs, attempts = read
    split = np.zeros(sheet.sessions, bool)
    one, two = disagreeing(sheet, logs)
    split[sheet.session[logs.reads[logs.entry_read[two]]]] = True
    yield from _executed_twice(sheet, logs, attempts, split)
    yield _marks(
        sheet, Anomaly.SPLIT_BRAIN, Case.TWO_LOGS, _at(logs, two), (sheet.rows[_at(logs, one)],), logs.position[two]
    )
    strange = np.flatnonzero(~attempts.tried[logs.what])
    yield from _strange(sheet, logs, attempts, strange)
    order = order_of(sheet, logs, attempts, split)
    yield from _out_of_order(sheet, logs, attempts, order)
    split[sheet.session[_at(logs, strange)]] = True
    split[_sessions(sheet, logs, attempts, order.known)] = True
    yield from hidden_marks(sheet, logs, attempts, split)


def _executed_twice(sheet: Sheet, logs: Logs, attempts: Attempts, split: Flags) -> Iterator[Marks]:
    first, second = repeated(logs, split[attempts.session])
    what = logs.what[second]
    rows = (attempts.row[what], sheet.rows[_at(logs, first)])
    yield _marks(sheet, Anomaly.DUPLICATE_EXECUTION, Case.EXECUTED_TWICE, _at(logs, second), rows, attempts.name[what])


def _strange(sheet: Sheet, logs: Logs, attempts: Attempts, entries: Ints) -> Iterator[Marks]:
    """Attempts that are not the session's, or that surely failed."""
    if not len(entries):
        return
    what = logs.what[entries]
    own_failed = attempts.failed[what]
    others = _tried_anywhere(sheet.columns, np.unique(attempts.name[what]))
    other = np.array([others.get(name, NO_ROW) for name in attempts.name[what].tolist()])
    for anomaly, case, chosen, row in (
        (Anomaly.ABORTED_READ, Case.FAILED_EFFECT, own_failed, attempts.row[what]),
        (Anomaly.SESSION_LEAK, Case.ANOTHERS_EFFECT, ~own_failed & (other != NO_ROW), other),
        (Anomaly.GARBAGE_READ, Case.NOBODY_TRIED, ~own_failed & (other == NO_ROW), other),
    ):
        yield _marks(sheet, anomaly, case, _at(logs, entries[chosen]), (row[chosen],), attempts.name[what[chosen]])


def _tried_anywhere(columns: Columns, names: Ints) -> dict[int, int]:
    """Attempts -> a row that tried them, in any session. Cost: O(n), and only where something strange was told."""
    trying = (columns.kind == KINDS.index(Kind.WRITE)) | (columns.kind == KINDS.index(Kind.INCREMENT))
    rows = np.flatnonzero(trying & np.isin(columns.attempt, names))
    return dict(zip(columns.attempt[rows].tolist(), rows.tolist(), strict=True))


def _out_of_order(sheet: Sheet, logs: Logs, attempts: Attempts, order: Order) -> Iterator[Marks]:
    """`known` finished before `later` began, yet that did not show it: lost for good, or back in a later read."""
    if not len(order.known):
        return
    rows_of = np.concatenate((sheet.rows[logs.reads], attempts.row))
    inv_of = np.concatenate((sheet.inv[logs.reads], attempts.inv))
    session_of = np.concatenate((sheet.session[logs.reads], attempts.session))
    by_read, to_read = order.known < order.reads, order.later < order.reads
    began = inv_of[order.later]
    shown_last, shown_by = _last_shown(sheet, logs, attempts)
    furthest, furthest_row = _furthest_after(sheet, logs, session_of[order.known], began)
    known_attempt, later_attempt = (np.where(x < order.reads, 0, x - order.reads) for x in (order.known, order.later))
    came_back = np.where(
        by_read, furthest >= logs.stop[np.where(by_read, order.known, 0)], shown_last[known_attempt] > began
    )
    evidence = (
        *_cover(sheet, logs, session_of[order.known]),
        np.where(by_read, np.where(came_back, furthest_row, NO_ROW), shown_by[known_attempt]),
        np.where(to_read, NO_ROW, shown_by[later_attempt]),
    )
    early = by_read & ~to_read
    for anomaly, case, chosen in (
        (Anomaly.FUTURE_READ, Case.EARLY_EFFECT, early),
        (Anomaly.LOST_UPDATE, Case.MISSING_EFFECT, ~early & ~came_back),
        (Anomaly.NON_MONOTONIC_READ, Case.MISSING_EFFECT, ~early & came_back & by_read),
        (Anomaly.STALE_READ, Case.MISSING_EFFECT, ~early & came_back & ~by_read),
    ):
        known, later = rows_of[order.known[chosen]], rows_of[order.later[chosen]]
        rows = told_in((*(column[chosen] for column in evidence), known, later))
        names = sheet.names[session_of[order.known[chosen]]]
        yield Marks(anomaly=anomaly, case=case, session=names, rows=rows, figures=np.stack((known, later), axis=1))


def _last_shown(sheet: Sheet, logs: Logs, attempts: Attempts) -> tuple[Ints, Ints]:
    """Per attempt the invocation and the row of the last read that shows it; -1 and NO_ROW without any."""
    last, row = np.full(len(attempts.name) + 1, -1), np.full(len(attempts.name) + 1, NO_ROW)
    reads = logs.reads[logs.entry_read]
    order = ascending(sheet.inv[reads])  # of several entries of one attempt the last assignment stays
    last[logs.what[order]] = sheet.inv[reads[order]]
    row[logs.what[order]] = sheet.rows[reads[order]]
    return last, row


def _sessions(sheet: Sheet, logs: Logs, attempts: Attempts, items: Ints) -> Ints:
    """Items of an order -> their sessions."""
    return np.concatenate((sheet.session[logs.reads], attempts.session))[items]


def _furthest_after(sheet: Sheet, logs: Logs, session: Ints, began: Ints) -> tuple[Ints, Ints]:
    """Of the reads that began after an instant of a session, how far the furthest told its log, and its row."""
    order = ascending(sheet.inv[logs.reads])
    inv, owner = sheet.inv[logs.reads][order], sheet.session[logs.reads][order]
    lead = int(logs.stop.max()) + 2
    # from the right, a later session's reads weigh less than any of this session's
    weight = (logs.stop[order] - owner * lead)[::-1]
    furthest = np.maximum.accumulate(weight)
    holder = len(weight) - 1 - np.maximum.accumulate(np.where(weight == furthest, np.arange(len(weight)), 0))[::-1]
    at = np.searchsorted(inv, began, side="right")
    place = np.minimum(at, len(inv) - 1)
    mine = (at < len(inv)) & (owner[place] == session)
    best = order[holder[place]]
    return np.where(mine, logs.stop[best], -1), np.where(mine, sheet.rows[logs.reads[best]], NO_ROW)


def _cover(sheet: Sheet, logs: Logs, session: Ints) -> list[Ints]:
    """Reads that together told the whole log, where its beginning was dropped: else "missing" proves nothing."""
    dropped = np.unique(sheet.session[logs.reads[logs.offset > 0]])
    covers: dict[int, list[int]] = {}
    for owner in np.intersect1d(dropped, session).tolist():
        mine = np.flatnonzero(sheet.session[logs.reads] == owner)
        reached, rows = 0, []
        while reached < int(logs.stop[mine].max()):
            candidates = mine[logs.offset[mine] <= reached]
            best = candidates[np.argmax(logs.stop[candidates])] if len(candidates) else -1
            if best < 0 or logs.stop[best] <= reached:
                break
            reached = int(logs.stop[best])
            rows.append(int(sheet.rows[logs.reads[best]]))
        covers[owner] = rows
    width = max((len(rows) for rows in covers.values()), default=0)
    table = np.full((len(session), width), NO_ROW)
    for place, owner in enumerate(session.tolist()):
        rows = covers.get(owner, [])
        table[place, : len(rows)] = rows
    return [table[:, column] for column in range(width)]


def _marks(sheet: Sheet, anomaly: Anomaly, case: Case, at: Ints, rows: tuple[Ints, ...], figure: Ints) -> Marks:
    return Marks(
        anomaly=anomaly,
        case=case,
        session=sheet.names[sheet.session[at]],
        rows=told_in((*rows, sheet.rows[at])),
        figures=figure[:, None],
    )


def _at(logs: Logs, entries: Ints) -> Ints:
    """Entries -> the positions in the sheet of the reads that told them."""
    return logs.reads[logs.entry_read[entries]]

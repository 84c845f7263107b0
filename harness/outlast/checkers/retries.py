"""Retries: all tries of an increment under one idempotency key are one increment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from outlast.checkers.evidence import INCREMENT, INCREMENT_MAYBE
from outlast.checkers.sheet import Sheet
from outlast.history.columns import ABSENT, Ints


def counted_once(sheet: Sheet) -> Sheet:
    """Sheet -> the same, in which one operation stands for all tries of an attempt: the first that was acknowledged.

    It may have taken effect from the first try's invocation on. Its result is ignored where an earlier try may have
    been executed: an app may answer a retry with the result it gave before, or with the counter as it is now. Example:
    a try without answer [0,1], a read of 1 at [2,3], the retry told 1 at [4,5]: executed once, and all is well. Cost:
    nothing where nothing was retried, else a sort of the increments with a key.
    """
    if not sheet.survey.has_retries:
        return sheet
    tries = sheet.where(INCREMENT | INCREMENT_MAYBE)
    attempt = sheet.columns.attempt[sheet.rows[tries]]
    tries, attempt = tries[attempt >= 0], attempt[attempt >= 0]
    unsure = (sheet.roles[tries] & INCREMENT) == 0
    order = np.lexsort((sheet.ret[tries], unsure, attempt, sheet.session[tries]))
    tries, attempt = tries[order], attempt[order]
    session = sheet.session[tries]
    first = np.ones(len(tries), bool)
    first[1:] = (attempt[1:] != attempt[:-1]) | (session[1:] != session[:-1])
    starts = np.flatnonzero(first)
    if len(starts) == len(tries):
        return sheet
    return _merged(sheet, tries, first, starts)


def _merged(sheet: Sheet, tries: Ints, first: np.ndarray[tuple[int], np.dtype[np.bool_]], starts: Ints) -> Sheet:
    """Tries, attempt by attempt, of which the first stands for the others."""
    lead = tries[starts]
    inv, roles, counter = sheet.inv.copy(), sheet.roles.copy(), sheet.told.counter.copy()
    begun_before = sheet.inv[tries] <= np.repeat(sheet.ret[lead], np.diff(np.append(starts, len(tries))))
    ambiguous = np.add.reduceat(begun_before.astype(np.int64), starts) > 1
    inv[lead] = np.minimum.reduceat(sheet.inv[tries], starts)
    counter[lead[ambiguous]] = ABSENT
    roles[tries[~first]] &= ~np.uint32(INCREMENT | INCREMENT_MAYBE)
    return replace(sheet, inv=inv, roles=roles, told=replace(sheet.told, counter=counter, roles=roles), found={})

"""The effect log by exhaustive search: is there one log of which every read saw a beginning?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from tests.checkers.oracle_register import INFINITY, counts

from outlast.history.operation import Kind, Operation, Outcome


def tells_log(operation: Operation) -> bool:
    """A read that counts and shows a log; nothing from some position on may be a shorter log."""
    told = operation.effects is not None and (bool(operation.effects) or not operation.effects_offset)
    return told and counts(operation)


def effects_are_legal(session: Sequence[Operation], error: int = 0) -> bool:
    """One session's operations -> whether some order of executing each attempt at most once explains every log."""
    attempts: dict[str, tuple[int, int, bool]] = {}
    steps: list[tuple[str | None, Operation | None, int, int, bool]] = []
    for operation in session:
        invoked = operation.invoked_ns - error
        returned = INFINITY if operation.returned_ns is None else operation.returned_ns + error
        if operation.op is Kind.INCREMENT and operation.outcome is not Outcome.FAIL and operation.attempt:
            sure = operation.outcome is Outcome.OK and counts(operation)
            first, last, known = attempts.get(operation.attempt, (INFINITY, INFINITY, False))
            last = min(last, returned) if sure else last
            attempts[operation.attempt] = (min(first, invoked), last, known or sure)
        elif operation.op is Kind.READ and operation.outcome is Outcome.OK and tells_log(operation):
            steps.append((None, operation, invoked, returned, True))
    steps += [(name, None, first, last, sure) for name, (first, last, sure) in attempts.items()]

    @cache
    def possible(done: int, log: tuple[str, ...]) -> bool:
        left = [i for i in range(len(steps)) if not done >> i & 1]
        if not any(steps[i][4] for i in left):
            return True
        deadline = min(steps[i][3] for i in left)
        for i in left:
            name, read, invoked, _, _ = steps[i]
            if invoked > deadline:
                continue
            if name is not None and possible(done | 1 << i, (*log, name)):
                return True
            if read is not None and shows(read, log) and possible(done | 1 << i, log):
                return True
        return False

    return possible(0, ())


def shows(read: Operation, log: tuple[str, ...]) -> bool:
    """Whether a read of a log that may have dropped its beginning fits this log."""
    told = read.effects or ()
    return len(log) == read.effects_offset + len(told) and log[read.effects_offset :] == told

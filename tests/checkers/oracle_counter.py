"""The counter by exhaustive search: increments by one, with or without their result, and reads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from tests.checkers.oracle_register import INFINITY, counts

from outlast.history.operation import Kind, Operation, Outcome


def tells_count(operation: Operation) -> bool:
    """A read that counts and shows the counter."""
    return operation.counter is not None and counts(operation)


def counter_is_legal(session: Sequence[Operation], error: int = 0) -> bool:
    """One session's operations -> whether some order explains every result. Exponential; for a dozen operations."""
    steps: list[
        tuple[bool, int | None, int, int, bool]
    ] = []  # is increment, told, invoked, returned, must have happened
    for operation in session:
        invoked = operation.invoked_ns - error
        returned = INFINITY if operation.returned_ns is None else operation.returned_ns + error
        if operation.op is Kind.INCREMENT and operation.outcome is not Outcome.FAIL:
            sure = operation.outcome is Outcome.OK and counts(operation)
            steps.append((True, operation.counter if sure else None, invoked, returned if sure else INFINITY, sure))
        elif operation.op is Kind.READ and operation.outcome is Outcome.OK and tells_count(operation):
            steps.append((False, operation.counter, invoked, returned, True))

    @cache
    def possible(done: int, value: int) -> bool:
        left = [i for i in range(len(steps)) if not done >> i & 1]
        if not any(steps[i][4] for i in left):
            return True
        deadline = min(steps[i][3] for i in left)
        for i in left:
            is_increment, told, invoked, _, _ = steps[i]
            after = value + is_increment
            if invoked <= deadline and told in (None, after) and possible(done | 1 << i, after):
                return True
        return False

    return possible(0, 0)

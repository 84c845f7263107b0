"""The counter by exhaustive search: increments by one, with or without their result, and reads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from tests.checkers.oracle_register import INFINITY, counts

from outlast.history.operation import Kind, Operation, Outcome

Step = tuple[bool, int | None, int, int, bool]


def tells_count(operation: Operation) -> bool:
    """A read that counts and shows the counter."""
    return operation.counter is not None and counts(operation)


def counter_is_legal(session: Sequence[Operation], error: int = 0) -> bool:
    """One session's operations -> whether some order explains every result. Exponential; for a dozen operations."""
    steps = [*_increments(session, error)]  # is increment, told, invoked, returned, must have happened
    for operation in session:
        if operation.op is Kind.READ and operation.outcome is Outcome.OK and tells_count(operation):
            steps.append((False, operation.counter, *_interval(operation, error), True))

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


def _increments(session: Sequence[Operation], error: int) -> list[Step]:
    """Each attempt once: it took effect after its first try began and before the first acknowledged one ended.

    What is told counts if no other try can have been executed before.
    """
    attempts: dict[object, list[Operation]] = {}
    for operation in session:
        if operation.op is Kind.INCREMENT and operation.outcome is not Outcome.FAIL:
            attempts.setdefault(operation.attempt or id(operation), []).append(operation)
    steps: list[Step] = []
    for tries in attempts.values():
        spans = [_interval(o, error) for o in tries]
        sure = [i for i, o in enumerate(tries) if o.outcome is Outcome.OK and counts(o)]
        returned = min((spans[i][1] for i in sure), default=INFINITY)
        early = [o for o, span in zip(tries, spans, strict=True) if span[0] <= returned]
        told = early[0].counter if sure and len(early) == 1 else None
        steps.append((True, told, min(span[0] for span in spans), returned, bool(sure)))
    return steps


def _interval(operation: Operation, error: int) -> tuple[int, int]:
    returned = INFINITY if operation.returned_ns is None else operation.returned_ns + error
    return operation.invoked_ns - error, returned

"""The register by exhaustive search: is there any order at all in which one register could have answered so?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from outlast.history.operation import VIA_BALANCER, Jar, Kind, Operation, Outcome, Seen

INFINITY = 10**9


def counts(operation: Operation) -> bool:
    """An answer through the balancer to the browser's cookie that did not find the session gone."""
    gone = operation.seen in (Seen.ANONYMOUS, Seen.RECREATED)
    return operation.via == VIA_BALANCER and operation.jar is Jar.BROWSER and not gone


def tells(operation: Operation) -> bool:
    """A read that counts and shows a value, or that there is none."""
    return operation.has_value and counts(operation)


def register_is_legal(session: Sequence[Operation], error: int = 0) -> bool:
    """One session's operations -> whether some linearization explains every read. Exponential: for a dozen of them."""
    steps: list[tuple[str, str | None, int, int, bool]] = []  # kind, value, invoked, returned, must have happened
    for operation in session:
        invoked = operation.invoked_ns - error
        returned = INFINITY if operation.returned_ns is None else operation.returned_ns + error
        if operation.op is Kind.WRITE and operation.outcome is not Outcome.FAIL:
            sure = operation.outcome is Outcome.OK and counts(operation)
            steps.append(("write", operation.value, invoked, returned if sure else INFINITY, sure))
        elif operation.op is Kind.READ and operation.outcome is Outcome.OK and tells(operation):
            steps.append(("read", operation.value, invoked, returned, True))

    @cache
    def possible(done: int, value: str | None) -> bool:
        left = [i for i in range(len(steps)) if not done >> i & 1]
        if not any(steps[i][4] for i in left):
            return True
        deadline = min(steps[i][3] for i in left)
        for i in left:
            kind, told, invoked, _, _ = steps[i]
            if invoked > deadline:
                continue  # another one had finished before this one began
            if kind == "write" and possible(done | 1 << i, told):
                return True
            if kind == "read" and told == value and possible(done | 1 << i, value):
                return True
        return False

    return possible(0, None)

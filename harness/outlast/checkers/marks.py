"""What an algorithm found, still as arrays: one anomaly, many sessions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from outlast.checkers.anomaly import Anomaly
from outlast.history.columns import Ints

NO_ROW = -1


class Case(Enum):
    """How a finding was proven; each has its sentence in explanation.py."""

    ACKNOWLEDGED_THEN_OLDER = auto()
    SEEN_THEN_OLDER = auto()
    LANDED_LATE = auto()
    NOBODY_WROTE = auto()
    WRITE_FAILED = auto()
    WRITTEN_LATER = auto()
    ANOTHERS_VALUE = auto()
    GONE = auto()
    NEVER_ALIVE = auto()
    GONE_THEN_ALIVE = auto()
    LOGGED_OUT_THEN_ALIVE = auto()
    OUTLIVED = auto()
    ANOTHER_USER = auto()
    SAME_RESULT = auto()
    FELL = auto()
    TOO_MANY = auto()
    UNCLAIMED = auto()
    TOO_FEW = auto()
    IMPOSSIBLE_COUNT = auto()
    NO_ORDER = auto()
    EXECUTED_TWICE = auto()
    TWO_LOGS = auto()
    MISSING_EFFECT = auto()
    ANOTHERS_EFFECT = auto()
    NOBODY_TRIED = auto()
    FAILED_EFFECT = auto()
    EARLY_EFFECT = auto()
    STUCK = auto()
    FAILED = auto()
    MOVED = auto()
    STORM = auto()
    NOT_FOUND = auto()
    CUT = auto()
    GAP = auto()
    REPEATED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """m findings of one anomaly. session: (m,) positions in the history's sessions. rows: (m, k) rows of the witness
    in the order of the telling, NO_ROW for none; the last one is the operation that gave it away. figures: (m, f) for
    the sentence."""

    anomaly: Anomaly
    case: Case
    session: Ints
    rows: Ints
    figures: Ints | None = None
    allowed: NDArray[np.bool_] | bool = False

    def __len__(self) -> int:
        return len(self.session)

    def only(self, chosen: Ints | NDArray[np.bool_]) -> Marks:
        """Some of them."""
        return Marks(
            anomaly=self.anomaly,
            case=self.case,
            session=self.session[chosen],
            rows=self.rows[chosen],
            figures=None if self.figures is None else self.figures[chosen],
            allowed=self.allowed if isinstance(self.allowed, bool) else self.allowed[chosen],
        )


def told_in(columns: Iterable[Ints]) -> Ints:
    """Columns of rows -> (m, k), each line without repetitions and holes, NO_ROW at its front so that the last stays
    last."""
    rows = np.stack(list(columns), axis=1)
    for later in range(rows.shape[1] - 1, 0, -1):
        for earlier in range(later):
            rows[rows[:, earlier] == rows[:, later], earlier] = NO_ROW
    order = np.argsort(rows != NO_ROW, axis=1, kind="stable")
    return np.take_along_axis(rows, order, axis=1)

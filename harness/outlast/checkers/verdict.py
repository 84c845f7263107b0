"""Three values and an error: unknown is never green."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """What a run, a session or a gate comes to."""

    PASS = "pass"  # noqa: S105 - the word of the format, not a password
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"
    ERROR = "error"

    @property
    def exit_code(self) -> int:
        """0 pass, 1 fail, 2 error, 3 inconclusive."""
        return _EXIT_CODES[self]


_EXIT_CODES = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.ERROR: 2, Verdict.INCONCLUSIVE: 3}
_GRAVITY = {Verdict.PASS: 0, Verdict.INCONCLUSIVE: 1, Verdict.FAIL: 2, Verdict.ERROR: 3}


def gravest(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of many; of nothing, inconclusive: no evidence is no pass."""
    return max(verdicts, key=_GRAVITY.__getitem__, default=Verdict.INCONCLUSIVE)

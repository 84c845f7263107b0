"""Verdicts: which is the gravest."""

import pytest

from outlast.checkers.verdict import Verdict, gravest

PASS, INCONCLUSIVE, FAIL, ERROR = Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.FAIL, Verdict.ERROR


@pytest.mark.parametrize(
    ("several", "worst"),
    [
        ((), INCONCLUSIVE),
        ((PASS, PASS), PASS),
        ((PASS, INCONCLUSIVE), INCONCLUSIVE),
        ((FAIL, INCONCLUSIVE, PASS), FAIL),
        ((PASS, ERROR, FAIL), ERROR),
    ],
)
def test_the_gravest_of_many(several, worst):
    """Of nothing inconclusive: no evidence is no pass."""
    assert worst is gravest(several)

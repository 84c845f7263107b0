"""Each planted bug is caught under its right name, and the store without a bug raises no alarm."""

from __future__ import annotations

import pytest
from tests.checkers.operations import names
from tests.checkers.zoo.bugs import BUGS, ExpiresTooEarly, RefreshesWhatItShouldNot
from tests.checkers.zoo.store import Store
from tests.checkers.zoo.world import World

from outlast.checkers.judge import judge
from outlast.checkers.verdict import Verdict
from outlast.history.history import Header, Refresh

EXPIRING = Header(ttl_s=0.6, granularity_s=0.0)
ABSOLUTE = Header(ttl_s=0.6, granularity_s=0.0, ttl_refresh=Refresh.LOGIN)
HEADERS = {ExpiresTooEarly: EXPIRING, RefreshesWhatItShouldNot: ABSOLUTE}


class Expiring(Store):
    """Without a bug, and with a time to live of 600 ms since the last use."""

    ttl_ms = 600.0


class Absolute(Expiring):
    """The same, since the login."""

    def expired(self, session):
        """Not since the last use."""
        return self.world.now_ms - session.made_ms >= 600.0


def judged(store, seed, header=None):
    """One run of a store -> its judgement."""
    think_ms = 250.0 if header else 60.0
    return judge(World(store(), seed, header=header or Header(), think_ms=think_ms).history())


@pytest.mark.parametrize(
    ("bug", "runs"),
    [
        *((bug, 20) for bug in BUGS),
        *(pytest.param(bug, 200, marks=pytest.mark.slow) for bug in BUGS),
    ],
)
def test_a_planted_bug_is_caught_under_its_name(bug, runs):
    """In at least 95 of 100 seeded runs."""
    caught = sum(bug.expected in names(judged(bug, seed, HEADERS.get(bug))) for seed in range(runs))

    assert caught >= 0.95 * runs


@pytest.mark.parametrize("runs", [50, pytest.param(1000, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("store", "header"), [(Store, None), (Expiring, EXPIRING), (Absolute, ABSOLUTE)])
def test_a_store_without_a_bug_raises_no_alarm(store, header, runs):
    """Not one, whatever the timing."""
    for seed in range(runs):
        judgement = judged(store, seed, header)

        assert set() == names(judgement), (seed, judgement.findings[0])
        assert Verdict.FAIL != judgement.verdict

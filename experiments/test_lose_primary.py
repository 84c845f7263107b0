"""The store's primary dies while its replicas lag behind: how much of what was acknowledged dies with it?"""

from outlast import (
    Load,
    LosePrimary,
    loses_writes_younger_than_s,
    one,
    promises,
)

WHAT_EACH_PROMISES = {
    # The fault begins with the cut of the replication, and so does what may be lost.
    "redis-sentinel": loses_writes_younger_than_s(1.0, unavailable=True),
}


@promises(WHAT_EACH_PROMISES)
def test_sessions_outlast_a_primary_that_was_ahead(conduct):
    """What was acknowledged while nothing was replicated is lost with the primary, and nothing older."""
    outcome = conduct(
        faults=[LosePrimary(one("store"), open_s=2.0)],
        load=Load(sessions=100, seconds=30),
        gates={"failed-request": None},
    )

    outcome.must_keep_its_promise()

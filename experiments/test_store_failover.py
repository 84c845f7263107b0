"""A replica of the store is promoted by hand while the primary is well: what was acknowledged meanwhile?"""

from outlast import (
    Failover,
    Load,
    loses_writes_younger_than_s,
    one,
    promises,
)

WHAT_EACH_PROMISES = {
    # Until Sentinel has demoted the old primary, some ten seconds later, clients go on to write to it.
    "redis-sentinel": loses_writes_younger_than_s(1.0, unavailable=True),
}


@promises(WHAT_EACH_PROMISES)
def test_sessions_outlast_a_failover(conduct):
    """A failover by hand loses what the old primary acknowledged after the switch, and nothing older."""
    outcome = conduct(
        faults=[Failover(one("store"))], load=Load(sessions=100, seconds=30), gates={"failed-request": None}
    )

    outcome.must_keep_its_promise()

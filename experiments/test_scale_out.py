"""A fourth replica joins under load and leaves again: does anyone lose a session by it?"""

from outlast import (
    Anomaly,
    Load,
    ScaleOut,
    loses_all_even_without_fault,
    loses_nothing,
    one,
    promises,
)

WHAT_EACH_PROMISES = {
    "sticky-memory": loses_nothing(),
    "redis-aof": loses_nothing(),
    "roundrobin-memory": loses_all_even_without_fault(),
    "sticky-disk": loses_nothing(also=[Anomaly.FLICKERING_SESSION]),
    "redis-default": loses_nothing(),
    "redis-none": loses_nothing(),
    "jwt": loses_nothing(also=[Anomaly.RESURRECTED_SESSION]),
}


@promises(WHAT_EACH_PROMISES, shown=["sticky-memory", "redis-aof"])
def test_sessions_outlast_one_replica_more(conduct):
    """A replica that joins takes no session away from the others."""
    outcome = conduct(faults=[ScaleOut(one("spare"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

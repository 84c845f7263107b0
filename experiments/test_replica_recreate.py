"""A replica is replaced by a new container with a new address: whose sessions outlast it?"""

from outlast import (
    Anomaly,
    Load,
    Recreate,
    loses_all_even_without_fault,
    loses_exactly_the_victims,
    loses_nothing,
    one,
    promises,
)

WHAT_EACH_PROMISES = {
    "sticky-memory": loses_exactly_the_victims(),
    "redis-aof": loses_nothing(),
    "roundrobin-memory": loses_all_even_without_fault(),
    "sticky-disk": loses_nothing(also=[Anomaly.FLICKERING_SESSION]),
    "redis-default": loses_nothing(),
    "redis-none": loses_nothing(),
    "jwt": loses_nothing(also=[Anomaly.RESURRECTED_SESSION]),
}


@promises(WHAT_EACH_PROMISES, shown=["sticky-memory", "redis-aof"])
def test_sessions_outlast_a_recreated_replica(conduct):
    """A new container in its place loses what only the old one knew, and the balancer finds the new address."""
    outcome = conduct(faults=[Recreate(one("replica"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

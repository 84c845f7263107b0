"""A replica gets a fiftieth of a core: are its sessions lost, or only slow?"""

from outlast import (
    Anomaly,
    Load,
    Starve,
    loses_all_even_without_fault,
    loses_nothing,
    one,
    promises,
)

WHAT_EACH_PROMISES = {
    "sticky-memory": loses_nothing(unavailable=True),
    "redis-aof": loses_nothing(unavailable=True),
    "roundrobin-memory": loses_all_even_without_fault(),
    "sticky-disk": loses_nothing(unavailable=True, also=[Anomaly.FLICKERING_SESSION]),
    "redis-default": loses_nothing(unavailable=True),
    "redis-none": loses_nothing(unavailable=True),
    "jwt": loses_nothing(unavailable=True, also=[Anomaly.RESURRECTED_SESSION]),
}


@promises(WHAT_EACH_PROMISES, shown=["sticky-memory", "redis-aof"])
def test_sessions_outlast_a_starved_replica(conduct):
    """A replica that hardly answers loses nothing while the balancer holds on to it."""
    outcome = conduct(faults=[Starve(one("replica"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

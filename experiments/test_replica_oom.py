"""The kernel kills a replica for want of memory: whose sessions outlast it?"""

from outlast import (
    Anomaly,
    Load,
    OutOfMemory,
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
def test_sessions_outlast_a_replica_out_of_memory(conduct):
    """A replica killed by the kernel takes with it what it kept in memory, and nothing else."""
    outcome = conduct(faults=[OutOfMemory(one("replica"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

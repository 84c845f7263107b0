"""The kernel kills a replica for want of memory: whose sessions outlast it?"""

from outlast import Load, OutOfMemory, one, predicted, promises


@promises(predicted("replica_oom"), shown=["sticky-memory", "redis-aof"])
def test_sessions_outlast_a_replica_out_of_memory(conduct):
    """A replica killed by the kernel takes with it what it kept in memory, and nothing else."""
    outcome = conduct(faults=[OutOfMemory(one("replica"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

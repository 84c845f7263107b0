"""A replica is replaced by a new container with a new address: whose sessions outlast it?"""

from outlast import Load, Recreate, one, predicted, promises


@promises(predicted("replica_recreate"), shown=["sticky-memory", "redis-aof"])
def test_sessions_outlast_a_recreated_replica(conduct):
    """A new container in its place loses what only the old one knew, and the balancer finds the new address."""
    outcome = conduct(faults=[Recreate(one("replica"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

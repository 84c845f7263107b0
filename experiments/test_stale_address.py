"""A replica comes back at another address: does the balancer follow, and who is lost if it does not?"""

from outlast import Load, Move, one, predicted, promises


@promises(predicted("stale_address"), shown=["redis-aof", "redis-aof+resolve-once"])
def test_sessions_outlast_a_replica_at_a_new_address(conduct):
    """A balancer that asks for an address once leaves the replica idle for good, and its users move to the others."""
    outcome = conduct(faults=[Move(one("replica"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

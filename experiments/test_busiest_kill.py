"""The busiest replica is killed: with affinity to an address that many share, how many sessions were there?"""

from outlast import Kill, Load, busiest, predicted, promises


@promises(predicted("busiest_kill"), shown=["sticky-memory", "redis-aof"])
def test_sessions_outlast_the_busiest_replica(conduct):
    """Whoever is sent where the others are is lost with them."""
    outcome = conduct(faults=[Kill(busiest("replica"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

"""A replica gets a fiftieth of a core: are its sessions lost, or only slow?"""

from outlast import Load, Starve, one, predicted, promises


@promises(predicted("replica_starve"), shown=["sticky-memory", "redis-aof"])
def test_sessions_outlast_a_starved_replica(conduct):
    """A replica that hardly answers loses nothing while the balancer holds on to it."""
    outcome = conduct(faults=[Starve(one("replica"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

"""A replica is restarted in good order: whose sessions outlast it?"""

from outlast import Load, Restart, one, predicted, promises


@promises(predicted("replica_restart"), shown=["sticky-memory", "redis-aof"])
def test_sessions_outlast_a_restarted_replica(conduct):
    """Restarting one replica with SIGTERM is no kinder to its memory than killing it."""
    outcome = conduct(faults=[Restart(one("replica"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

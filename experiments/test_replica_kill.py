"""A replica dies without saying goodbye: whose sessions outlast it?"""

from outlast import Kill, Load, one, predicted, promises


@promises(predicted("replica_kill"), shown=["sticky-memory", "redis-aof"])
def test_sessions_outlast_a_killed_replica(conduct):
    """Killing one replica under load loses what the architecture promises to lose, and nothing else."""
    outcome = conduct(faults=[Kill(one("replica"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

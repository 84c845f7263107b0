"""A fourth replica joins under load and leaves again: does anyone lose a session by it?"""

from outlast import Load, ScaleOut, one, predicted, promises


@promises(predicted("scale_out"), shown=["sticky-memory", "redis-aof"])
def test_sessions_outlast_one_replica_more(conduct):
    """A replica that joins takes no session away from the others."""
    outcome = conduct(faults=[ScaleOut(one("spare"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

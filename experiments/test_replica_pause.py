"""A replica freezes and thaws: does anyone lose a session over a stall?"""

from outlast import Load, Pause, one, predicted, promises


@promises(predicted("replica_pause"), shown=["sticky-memory", "redis-aof"])
def test_sessions_outlast_a_frozen_replica(conduct):
    """A replica that freezes for a few seconds makes its users wait, and loses none of their sessions."""
    outcome = conduct(faults=[Pause(one("replica"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

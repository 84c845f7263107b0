"""A replica is restarted in good order while it sends streams: does it see them to their end?"""

from outlast import Load, Mix, Restart, one, predicted, promises


@promises(predicted("stream_restart"), shown=["sticky-memory", "redis-aof"])
def test_streams_outlast_a_restarted_replica(conduct):
    """A replica that is asked to stop takes no new streams and ends those that it has begun."""
    outcome = conduct(
        faults=[Restart(one("replica"))],
        load=Load(sessions=300, seconds=15, mix=Mix(read=40, write=20, increment=19, logout=1, stream=20)),
    )

    outcome.must_keep_its_promise()

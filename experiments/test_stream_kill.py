"""A replica dies while it sends streams: which of them go on, where, and how soon?"""

from outlast import Kill, Load, Mix, one, predicted, promises


@promises(predicted("stream_kill"), shown=["sticky-memory", "redis-aof"])
def test_streams_outlast_a_killed_replica(conduct):
    """All streams of the victim are cut, none of the others; who finds the description elsewhere takes it up again."""
    outcome = conduct(
        faults=[Kill(one("replica"))],
        load=Load(sessions=300, seconds=15, mix=Mix(read=40, write=20, increment=19, logout=1, stream=20)),
    )

    outcome.must_keep_its_promise()

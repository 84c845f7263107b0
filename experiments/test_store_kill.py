"""The session store dies without saying goodbye and comes back: what does it still know?"""

from outlast import Kill, Load, every, predicted, promises


@promises(predicted("store_kill"), shown=["redis-default", "redis-none", "redis-aof"])
def test_sessions_outlast_a_killed_store(conduct):
    """A killed store that is started again knows what it had made durable: all of it only with a log."""
    outcome = conduct(
        faults=[Kill(every("store"))], load=Load(sessions=300, seconds=15), gates={"failed-request": None}
    )

    outcome.must_keep_its_promise()

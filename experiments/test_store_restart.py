"""The session store is restarted in good order: what does it still know?"""

from outlast import Load, Restart, every, predicted, promises


@promises(predicted("store_restart"), shown=["redis-default", "redis-none", "redis-aof"])
def test_sessions_outlast_a_restarted_store(conduct):
    """A store that is asked to stop saves a snapshot first, if it has any persistence at all."""
    outcome = conduct(
        faults=[Restart(every("store"))], load=Load(sessions=300, seconds=15), gates={"failed-request": None}
    )

    outcome.must_keep_its_promise()

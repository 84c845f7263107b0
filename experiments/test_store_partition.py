"""Nobody reaches the session store, which runs on: what does anyone lose?"""

from outlast import Load, Partition, every, predicted, promises


@promises(predicted("store_partition"), shown=["redis-aof"])
def test_sessions_outlast_a_store_that_nobody_reaches(conduct):
    """A store that is cut off and not dead forgets nothing, with persistence or without."""
    outcome = conduct(
        faults=[Partition(every("store"))],
        load=Load(sessions=300, seconds=15),
        gates={"failed-request": None},
    )

    outcome.must_keep_its_promise()

"""The session store is replaced by a new container: what does it still know, with a volume and without?"""

from outlast import Load, Recreate, every, predicted, promises


@promises(predicted("store_recreate"), shown=["redis-none", "redis-aof", "redis-aof+no-volume"])
def test_sessions_outlast_a_recreated_store(conduct):
    """A new container knows what the old one had written to a volume, and nothing else."""
    outcome = conduct(
        faults=[Recreate(every("store"))], load=Load(sessions=300, seconds=15), gates={"failed-request": None}
    )

    outcome.must_keep_its_promise()

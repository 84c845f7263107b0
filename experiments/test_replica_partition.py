"""A replica cannot reach the session store and everybody reaches the replica: what do its users lose?"""

from outlast import Load, Partition, every, one, predicted, promises


@promises(predicted("replica_partition"), shown=["redis-aof"])
def test_sessions_outlast_a_replica_that_is_cut_off_from_its_store(conduct):
    """Its users are told to come back later, never that they have no session; nothing is lost."""
    outcome = conduct(
        faults=[Partition(one("replica"), away_from=every("store"))],
        load=Load(sessions=300, seconds=15),
        gates={"failed-request": None},
    )

    outcome.must_keep_its_promise()

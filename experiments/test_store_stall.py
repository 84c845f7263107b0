"""One slow script keeps the session store busy for seconds: does anyone lose a session over a stall?"""

from outlast import Load, Stall, every, predicted, promises


@promises(predicted("store_stall"), shown=["redis-aof"])
def test_sessions_outlast_a_stalled_store(conduct):
    """A store that answers nobody for two seconds costs requests, and no session."""
    outcome = conduct(
        faults=[Stall(every("store"), for_s=2.0)],
        load=Load(sessions=300, seconds=15),
        gates={"failed-request": None},
    )

    outcome.must_keep_its_promise()

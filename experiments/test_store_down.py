"""The session store is stopped for half a minute: whom does it hit, and for how long?"""

from outlast import Load, Stop, at, every, predicted, promises


@promises(predicted("store_down"), shown=["redis-aof"])
def test_sessions_outlast_a_store_that_is_down(conduct):
    """Everybody is hit at once, nobody is told to have no session, and all of it is back when the store is."""
    outcome = conduct(
        faults=[at(Stop(every("store")), share=0.35, lasting_s=30)],
        load=Load(sessions=300, seconds=60),
        gates={"failed-request": None},
    )

    outcome.must_keep_its_promise()

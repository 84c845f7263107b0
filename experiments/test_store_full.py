"""The session store's memory is full: who is logged in, stays so?"""

from outlast import FillMemory, Load, every, predicted, promises


@promises(predicted("store_full"), shown=["redis-aof"])
def test_sessions_outlast_a_full_store(conduct):
    """A store that evicts nothing refuses new logins and writes, and forgets nothing; one that evicts forgets them."""
    outcome = conduct(
        faults=[FillMemory(every("store"), policy=None)],
        load=Load(sessions=300, seconds=15),
        gates={"failed-request": None},
    )

    outcome.must_keep_its_promise()

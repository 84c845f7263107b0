"""The session store is full and takes no more: who is logged in, stays so?"""

from outlast import FillMemory, Load, every, predicted, promises


@promises(predicted("store_full"), shown=["redis-aof"])
def test_sessions_outlast_a_full_store(conduct):
    """A store that evicts nothing refuses new logins and writes, and forgets nothing that it acknowledged."""
    outcome = conduct(
        faults=[FillMemory(every("store"), policy="noeviction")],
        load=Load(sessions=300, seconds=15),
        gates={"failed-request": None},
    )

    outcome.must_keep_its_promise()

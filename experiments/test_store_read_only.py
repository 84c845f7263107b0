"""The session store is made read-only: who is logged in, stays so?"""

from outlast import Load, ReadOnly, every, predicted, promises


@promises(predicted("store_read_only"), shown=["redis-aof", "mariadb"])
def test_sessions_outlast_a_read_only_store(conduct):
    """A store that takes nothing new costs logins and writes, and no session."""
    outcome = conduct(
        faults=[ReadOnly(every("store"))], load=Load(sessions=300, seconds=15), gates={"failed-request": None}
    )

    outcome.must_keep_its_promise()

"""The session store is made read-only: who is logged in, stays so?"""

from outlast import (
    Load,
    ReadOnly,
    every,
    loses_nothing,
    promises,
)

WHAT_EACH_PROMISES = {
    "redis-default": loses_nothing(unavailable=True),
    "redis-none": loses_nothing(unavailable=True),
    "redis-aof": loses_nothing(unavailable=True),
    "mariadb": loses_nothing(unavailable=True),
}


@promises(WHAT_EACH_PROMISES, shown=["redis-aof", "mariadb"])
def test_sessions_outlast_a_read_only_store(conduct):
    """A store that takes nothing new costs logins and writes, and no session."""
    outcome = conduct(
        faults=[ReadOnly(every("store"))], load=Load(sessions=300, seconds=15), gates={"failed-request": None}
    )

    outcome.must_keep_its_promise()

"""The session store dies without saying goodbye and comes back: what does it still know?"""

from outlast import (
    Kill,
    Load,
    every,
    loses_all,
    loses_nothing,
    promises,
)

WHAT_EACH_PROMISES = {
    "redis-default": loses_all(unavailable=True),
    "redis-none": loses_all(unavailable=True),
    # Synced each second: while a sync is under way Redis acknowledges writes that it has not yet handed to the kernel,
    # for up to two seconds, and those die with the process. Rare, and as this architecture promises.
    "redis-aof": loses_nothing(unavailable=True, but_writes_younger_than_s=2.0),
    "mariadb": loses_nothing(unavailable=True),
}


@promises(WHAT_EACH_PROMISES, shown=["redis-default", "redis-none", "redis-aof"])
def test_sessions_outlast_a_killed_store(conduct):
    """A killed store that is started again knows what it had made durable: all of it only with a log."""
    outcome = conduct(
        faults=[Kill(every("store"))], load=Load(sessions=300, seconds=15), gates={"failed-request": None}
    )

    outcome.must_keep_its_promise()

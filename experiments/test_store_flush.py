"""Somebody empties the session store: does a log or a snapshot bring anything back?"""

from outlast import (
    Flush,
    Load,
    every,
    loses_all,
    promises,
)

WHAT_EACH_PROMISES = {
    "redis-default": loses_all(),
    "redis-none": loses_all(),
    "redis-aof": loses_all(),
    "mariadb": loses_all(),
}


@promises(WHAT_EACH_PROMISES, shown=["redis-aof"])
def test_sessions_outlast_a_flushed_store(conduct):
    """A log keeps what was changed, and that is the flush: nobody's session outlasts it, whatever the persistence."""
    outcome = conduct(faults=[Flush(every("store"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

"""Somebody empties the session store: does a log or a snapshot bring anything back?"""

from outlast import Flush, Load, predicted, primary, promises


@promises(predicted("store_flush"), shown=["redis-aof"])
def test_sessions_outlast_a_flushed_store(conduct):
    """A log keeps what was changed, and that is the flush; replicas follow: nobody's session outlasts it anywhere."""
    outcome = conduct(faults=[Flush(primary())], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

"""The store's primary dies and its restart policy brings it back before anybody missed it: what does it know?"""

from outlast import Crash, Load, named, predicted, promises


@promises(predicted("primary_crash"))
def test_sessions_outlast_a_primary_that_is_back_at_once(conduct):
    """A primary without a log comes back empty, and its replicas follow it: faster than a failover is worse."""
    outcome = conduct(
        faults=[Crash(named("store-1"))], load=Load(sessions=100, seconds=30), gates={"failed-request": None}
    )

    outcome.must_keep_its_promise()

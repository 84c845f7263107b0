"""The store's primary dies while its replicas keep up: does the promoted replica know everything?"""

from outlast import Kill, Load, named, predicted, promises


@promises(predicted("primary_kill"))
def test_sessions_outlast_a_killed_primary(conduct):
    """Sentinel promotes a replica that had it all: an outage of seconds, and no session lost."""
    outcome = conduct(
        faults=[Kill(named("store-1"))], load=Load(sessions=100, seconds=30), gates={"failed-request": None}
    )

    outcome.must_keep_its_promise()

"""A replica is taken off its network and comes back, perhaps at another address: whose sessions outlast it?"""

from outlast import Disconnect, Load, one, predicted, promises


@promises(predicted("replica_disconnect"), shown=["sticky-memory", "redis-aof"])
def test_sessions_outlast_a_disconnected_replica(conduct):
    """It never died and kept all in memory: its users are strangers elsewhere, and known again when it is back."""
    outcome = conduct(
        faults=[Disconnect(one("replica"))],
        load=Load(sessions=300, seconds=15),
        gates={"failed-request": None},
    )

    outcome.must_keep_its_promise()

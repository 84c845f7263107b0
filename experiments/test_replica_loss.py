"""A replica loses some of its packets: does anyone lose a session over it?"""

from outlast import Load, Loss, one, predicted, promises


@promises(predicted("replica_loss"), shown=["redis-aof"])
def test_sessions_outlast_lost_packets(conduct):
    """What is lost on the way is sent again: users wait, and lose nothing."""
    outcome = conduct(
        faults=[Loss(one("replica"), percent=10)],
        load=Load(sessions=300, seconds=15),
        gates={"failed-request": None},
    )

    outcome.must_keep_its_promise()

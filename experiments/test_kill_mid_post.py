"""A replica dies after it has executed a request and before it has answered: is the request executed again?"""

from outlast import Kill, Load, Mix, one, predicted, promises


@promises(predicted("kill_mid_post"), shown=["redis-aof", "redis-aof+retries-all"])
def test_requests_are_executed_once_though_their_replica_dies(conduct):
    """What was sent may have been executed: a balancer that sends it again executes it twice."""
    outcome = conduct(
        faults=[Kill(one("replica"))],
        load=Load(
            sessions=300, seconds=15, slow_s=0.5, mix=Mix(read=40, write=20, increment=19, logout=1, slow_increment=20)
        ),
        gates={"failed-request": None},
    )

    outcome.must_keep_its_promise()

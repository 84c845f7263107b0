"""The balancer is restarted: does anyone lose more than a moment?"""

from outlast import Load, Restart, one, predicted, promises


@promises(predicted("balancer_restart"), shown=["sticky-memory", "redis-aof"])
def test_sessions_outlast_a_restarted_balancer(conduct):
    """The single door is shut for a moment, and behind it nothing is lost."""
    outcome = conduct(faults=[Restart(one("balancer"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

"""Nothing is broken: does anyone lose a session all the same?"""

from outlast import Load, predicted, promises


@promises(predicted("no_fault"), shown=["sticky-memory", "redis-aof", "roundrobin-memory"])
def test_sessions_outlast_a_quiet_day(conduct):
    """With no fault at all only an architecture that cannot work loses sessions: memory without stickiness."""
    outcome = conduct(load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

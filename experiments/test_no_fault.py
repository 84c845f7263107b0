"""Nothing is broken: does anyone lose a session all the same?"""

from outlast import (
    Anomaly,
    Load,
    loses_all_even_without_fault,
    loses_nothing,
    promises,
)

WHAT_EACH_PROMISES = {
    "sticky-memory": loses_nothing(),
    "redis-aof": loses_nothing(),
    "roundrobin-memory": loses_all_even_without_fault(),
    "sticky-disk": loses_nothing(),
    "redis-default": loses_nothing(),
    "redis-none": loses_nothing(),
    "jwt": loses_nothing(also=[Anomaly.RESURRECTED_SESSION]),
}


@promises(WHAT_EACH_PROMISES, shown=["sticky-memory", "redis-aof", "roundrobin-memory"])
def test_sessions_outlast_a_quiet_day(conduct):
    """With no fault at all only an architecture that cannot work loses sessions: memory without stickiness."""
    outcome = conduct(load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

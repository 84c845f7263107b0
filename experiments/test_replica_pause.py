"""A replica freezes and thaws: does anyone lose a session over a stall?"""

from outlast import (
    Anomaly,
    Load,
    Pause,
    loses_all_even_without_fault,
    loses_nothing,
    one,
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


@promises(WHAT_EACH_PROMISES, shown=["sticky-memory", "redis-aof"])
def test_sessions_outlast_a_frozen_replica(conduct):
    """A replica that freezes for a few seconds makes its users wait, and loses none of their sessions."""
    outcome = conduct(faults=[Pause(one("replica"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

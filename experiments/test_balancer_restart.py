"""The balancer is restarted: does anyone lose more than a moment?"""

from outlast import (
    Anomaly,
    Load,
    Restart,
    loses_all_even_without_fault,
    loses_nothing,
    one,
    promises,
)

WHAT_EACH_PROMISES = {
    "sticky-memory": loses_nothing(unavailable=True),
    "redis-aof": loses_nothing(unavailable=True),
    "roundrobin-memory": loses_all_even_without_fault(unavailable=True),
    "sticky-disk": loses_nothing(unavailable=True),
    "redis-default": loses_nothing(unavailable=True),
    "redis-none": loses_nothing(unavailable=True),
    "jwt": loses_nothing(also=[Anomaly.RESURRECTED_SESSION], unavailable=True),
}


@promises(WHAT_EACH_PROMISES, shown=["sticky-memory", "redis-aof"])
def test_sessions_outlast_a_restarted_balancer(conduct):
    """The single door is shut for a moment, and behind it nothing is lost."""
    outcome = conduct(faults=[Restart(one("balancer"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

"""All users are switched to the green pool at once, and rolled back: whose sessions outlast it?"""

from outlast import (
    Anomaly,
    Load,
    Switch,
    loses_nothing,
    one,
    promises,
)

# Blue keeps what it has while green serves. Who logs out first thing after the rollback was never seen alive again.
WHAT_EACH_PROMISES = {
    "sticky-memory+blue-green": loses_nothing(also=[Anomaly.FLICKERING_SESSION, Anomaly.LOST_SESSION]),
    "redis-aof+blue-green": loses_nothing(),
}


@promises(WHAT_EACH_PROMISES, shown=["sticky-memory+blue-green", "redis-aof+blue-green"])
def test_sessions_outlast_a_blue_green_switch(conduct):
    """Sessions that the pools do not share are gone after the switch and back after the rollback; others stay."""
    outcome = conduct(faults=[Switch(one("balancer"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

"""All users are switched to the green pool at once, and rolled back: whose sessions outlast it?"""

from outlast import Load, Switch, one, predicted, promises


@promises(predicted("blue_green"), shown=["sticky-memory+blue-green", "redis-aof+blue-green"])
def test_sessions_outlast_a_blue_green_switch(conduct):
    """Sessions that the pools do not share are gone after the switch and back after the rollback; others stay."""
    outcome = conduct(faults=[Switch(one("balancer"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

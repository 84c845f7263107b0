"""A replica of the store is promoted by hand while the primary is well: what was acknowledged meanwhile?"""

from outlast import Failover, Load, one, predicted, promises


@promises(predicted("store_failover"))
def test_sessions_outlast_a_failover(conduct):
    """A failover by hand loses what the old primary acknowledged after the switch, and nothing older."""
    outcome = conduct(
        faults=[Failover(one("store"))], load=Load(sessions=100, seconds=30), gates={"failed-request": None}
    )

    outcome.must_keep_its_promise()

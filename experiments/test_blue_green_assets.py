"""All users are switched to the green pool while tabs of the blue build are open: who finds an asset missing?"""

from outlast import Load, Mix, Switch, one, predicted, promises


@promises(predicted("blue_green_assets"), shown=["redis-aof+blue-green", "redis-aof+blue-green+assets-kept"])
def test_old_tabs_find_their_assets_after_a_blue_green_switch(conduct):
    """A tab that was opened before the switch asks the other build for what it needs later."""
    outcome = conduct(
        faults=[Switch(one("balancer"))],
        load=Load(sessions=300, seconds=15, mix=Mix(read=30, write=20, increment=19, logout=1, page=10, asset=20)),
    )

    outcome.must_keep_its_promise()

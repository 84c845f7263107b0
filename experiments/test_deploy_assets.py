"""Another build is rolled out, and pages need the assets of the build that made them: who finds one missing?"""

from outlast import Deploy, Load, Mix, every, predicted, promises


@promises(predicted("deploy_assets"), shown=["redis-aof", "redis-aof+assets-shared"])
def test_pages_find_their_assets_during_a_rolling_deployment(conduct):
    """While k of N run the new build, a page's assets are asked of a replica that may run the other one."""
    outcome = conduct(
        faults=[Deploy(every("replica"), ready_s=4)],
        load=Load(sessions=300, seconds=24, mix=Mix(read=30, write=20, increment=19, logout=1, page=20, asset=10)),
    )

    outcome.must_keep_its_promise()

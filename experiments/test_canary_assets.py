"""A canary gets a few of the users, and pages need the assets of the build that made them: who finds one missing?"""

from outlast import Canary, Load, Mix, one, predicted, promises


@promises(predicted("canary_assets"), shown=["redis-aof+blue-green", "redis-aof+blue-green+versions"])
def test_pages_find_their_assets_beside_a_canary(conduct):
    """Only who is kept with one version by a cookie of its own gets page and assets from the same build."""
    outcome = conduct(
        faults=[Canary(one("balancer"))],
        load=Load(sessions=300, seconds=15, mix=Mix(read=30, write=20, increment=19, logout=1, page=20, asset=10)),
    )

    outcome.must_keep_its_promise()

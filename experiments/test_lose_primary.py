"""The store's primary dies while its replicas lag behind: how much of what was acknowledged dies with it?"""

from outlast import Load, LosePrimary, one, predicted, promises


@promises(predicted("lose_primary"))
def test_sessions_outlast_a_primary_that_was_ahead(conduct):
    """What was acknowledged while nothing was replicated is lost with the primary, and nothing older."""
    outcome = conduct(
        faults=[LosePrimary(one("store"), open_s=2.0)],
        load=Load(sessions=100, seconds=30),
        gates={"failed-request": None},
    )

    outcome.must_keep_its_promise()

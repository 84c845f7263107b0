"""The store's primary dies while its replicas keep up: does the promoted replica know everything?"""

from outlast import (
    Kill,
    Load,
    loses_nothing,
    named,
    promises,
)

WHAT_EACH_PROMISES = {
    # Replication is asynchronous: what is on its way when the primary dies is lost. On one machine, next to nothing.
    "redis-sentinel": loses_nothing(unavailable=True, but_writes_younger_than_s=0.1),
}


@promises(WHAT_EACH_PROMISES)
def test_sessions_outlast_a_killed_primary(conduct):
    """Sentinel promotes a replica that had it all: an outage of seconds, and no session lost."""
    outcome = conduct(
        faults=[Kill(named("store-1"))], load=Load(sessions=100, seconds=30), gates={"failed-request": None}
    )

    outcome.must_keep_its_promise()

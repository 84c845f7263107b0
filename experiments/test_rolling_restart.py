"""Every replica is restarted, one after the other: whose sessions outlast a deployment's rhythm?"""

from outlast import (
    Anomaly,
    Load,
    RollingRestart,
    every,
    loses_all,
    loses_all_even_without_fault,
    loses_nothing,
    promises,
)

WHAT_EACH_PROMISES = {
    "sticky-memory": loses_all(),
    "redis-aof": loses_nothing(),
    "roundrobin-memory": loses_all_even_without_fault(),
    "sticky-disk": loses_nothing(also=[Anomaly.FLICKERING_SESSION]),
    "redis-default": loses_nothing(),
    "redis-none": loses_nothing(),
    "jwt": loses_nothing(also=[Anomaly.RESURRECTED_SESSION]),
}


@promises(WHAT_EACH_PROMISES, shown=["sticky-memory", "redis-aof"])
def test_sessions_outlast_a_rolling_restart(conduct):
    """Restarting all replicas in turn, each drained and well before the next, loses what lived in their memory."""
    outcome = conduct(faults=[RollingRestart(every("replica"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

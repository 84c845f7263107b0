"""Every replica is restarted, one after the other: whose sessions outlast a deployment's rhythm?"""

from outlast import Load, RollingRestart, every, predicted, promises


@promises(predicted("rolling_restart"), shown=["sticky-memory", "redis-aof"])
def test_sessions_outlast_a_rolling_restart(conduct):
    """Restarting all replicas in turn, each drained and well before the next, loses what lived in their memory."""
    outcome = conduct(faults=[RollingRestart(every("replica"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

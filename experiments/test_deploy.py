"""Another build is rolled out, replica by replica: whose sessions outlast the deployment?"""

from outlast import (
    Anomaly,
    Deploy,
    Load,
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
def test_sessions_outlast_a_rolling_deployment(conduct):
    """New containers of another build, one after the other, lose what only the old ones knew."""
    outcome = conduct(faults=[Deploy(every("replica"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

"""Another build is rolled out, replica by replica: whose sessions outlast the deployment?"""

from outlast import Deploy, Load, every, predicted, promises


@promises(predicted("deploy"), shown=["sticky-memory", "redis-aof"])
def test_sessions_outlast_a_rolling_deployment(conduct):
    """New containers of another build, one after the other, lose what only the old ones knew."""
    outcome = conduct(faults=[Deploy(every("replica"))], load=Load(sessions=300, seconds=15))

    outcome.must_keep_its_promise()

"""Several requests of one session at once, some of them slow: does any of them undo what another was told is done?"""

from outlast import Load, Mix, predicted, promises


@promises(predicted("same_session_race"), shown=["redis-aof", "redis-atomic", "redis-blob-lock", "redis-blob"])
def test_sessions_outlast_a_race_with_themselves(conduct):
    """With nothing broken, whoever reads a session and writes it back as a whole undoes what came in between."""
    outcome = conduct(
        load=Load(
            sessions=60,
            users=180,
            clients=3,
            seconds=15,
            slow_s=0.5,
            mix=Mix(read=40, write=15, increment=39, logout=1, slow=5),
        )
    )

    outcome.must_keep_its_promise()

"""verdict.json and the lines of --sessions, field by field."""

from tests.checkers.operations import alive, gone, judged, login, op, read, recreated, wrote
from tests.checkers.runs import HEAL, ONSET, S, at, header, killed, later, session

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.document import session_lines, verdict_document
from outlast.checkers.judge import judge
from outlast.checkers.promise import loses_nothing
from outlast.checkers.resuming import StreamFigures
from outlast.checkers.spread import Spread
from outlast.history.columns import Columns
from outlast.history.history import History

ELEVEN = [o for i in range(11) for o in (login(session=f"s{i}"), alive((2, 3), session=f"s{i}"),
                                         gone((4, 5), session=f"s{i}"))]  # fmt: skip


def document(*operations, **told):
    """Operations of a run in which app-1 was killed -> verdict.json."""
    judging = {name: told.pop(name) for name in ("promise", "gates") if name in told}
    head = header(*told.pop("faults", (killed(),)), seed=7)
    columns = Columns.of(operations)
    return verdict_document(judge(History(head, columns), **judging), columns, **told)


def test_it_tells_all_of_a_run():
    """Each field of formats.md 3."""
    unknown = op("write", at(ONSET, ONSET + 2), session="a", value="v", outcome="unknown", replica="app-1")
    told = document(
        *session("a"), unknown, later("a", "anonymous", replica="app-2"), *session("b", "app-2"), later("b", "alive"),
        op("write", at(2), session="b", value="w", seen="alive", replica="app-2"),
        op("increment", at(2.5), session="b", seen="alive", counter=1, replica="app-2"),
        op("read", at(17), session="b", seen="alive", value="w", counter=1, replica="app-2"),
        experiment="replica_kill", architecture="sticky-memory", engine="local", not_tested=["power loss"],
        promise=loses_nothing(), gates={"recovery_s": 60, "lost-session": 0},
    )  # fmt: skip
    anomalies, witnesses, gates = told.pop("anomalies"), told.pop("witnesses"), told.pop("gates")

    assert {
        "format": "outlast-verdict/1",
        "verdict": "fail",
        "reasons": ["lost-session: 1 > 0", "recovery_s: unknown > 60"],
        "seed": 7,
        "experiment": "replica_kill",
        "architecture": "sticky-memory",
        "engine": "local",
        "expectation": {
            "promise": "loses nothing",
            "kept": False,
            "reasons": ("lost-session: 1 session, the first 'a'",),
        },
        "counts": {"operations": 10, "sessions": 2, "acknowledged_writes": 2, "unknown": 1, "failed_requests": 1},
        "exposure": {"faults": 1, "sessions_on_victim": 1, "sessions_excluded": 0, "writes_in_flight": 1},
        "showing": {},
        "faults": [{"name": "kill", "nodes": ["app-1"], "proven": True, "onset_error_ms": None, "healed": True}],
        "recovery_s": None,
        "longest_stall_ms": 2000.0,
        "not_tested": ["power loss"],
    } == told
    assert [a.value for a in Anomaly] == list(anomalies)
    assert {"count": 1, "allowed": 0, "upper_bound_95": {"per_session": 1.0, "per_fault": 1.0}} == anomalies[
        "lost-session"
    ]
    assert [("lost-session", "a"), ("failed-request", "a")] == [(w["anomaly"], w["session"]) for w in witnesses]
    assert {"name": "lost-session", "limit": 0.0, "value": 1.0, "ok": False} in gates
    assert {"name": "recovery_s", "limit": 60.0, "value": None, "ok": False} in gates
    assert HEAL * S > 0


def test_a_witness_holds_its_operations_as_the_format_has_them():
    """And where it stands."""
    lost, failed = document(
        *session("a"), later("a", "anonymous"), op("read", at(2, 2.5), session="a", outcome="unknown")
    )["witnesses"]

    assert {"login", "read"} == {o["op"] for o in lost["operations"]}
    assert {
        "op": "read", "session": "a", "client": lost["operations"][-1]["client"], "invoked_ns": 16_000_000_000,
        "returned_ns": 16_100_000_000, "outcome": "ok", "seen": "anonymous", "replica": "app-2",
    } == lost["operations"][-1]  # fmt: skip
    assert ("audit", "kill", "replica", False) == tuple(lost[k] for k in ("phase", "fault", "layer", "allowed"))
    assert lost["because"].startswith("The read [")
    assert ("failed-request", "steady", None, None) == tuple(failed[k] for k in ("anomaly", "phase", "fault", "layer"))


def test_where_nothing_was_declared_nothing_is_told():
    """Neither an expectation, nor the names of the run, nor a fault; a history without phases has none."""
    operations = [login(), alive((2, 3)), gone((4, 5))]
    told = verdict_document(judged(*operations), Columns.of(operations))

    assert "expectation" not in told
    assert [None] * 4 == [told[k] for k in ("seed", "experiment", "architecture", "engine")]
    assert ([], []) == (told["faults"], told["not_tested"])
    assert [None] * 3 == [told["witnesses"][0][k] for k in ("phase", "fault", "layer")]


def test_no_more_witnesses_of_an_anomaly_are_shown_than_asked_for():
    """And how many there are: exactly so many are not worth a word."""
    columns = Columns.of(ELEVEN)
    judgement = judged(*ELEVEN)

    for most, shown, showing in (
        (8, 8, {"lost-session": "8 of 11"}),
        (11, 11, {}),
        (0, 0, {"lost-session": "0 of 11"}),
    ):
        told = verdict_document(judgement, columns, witnesses_max=most)
        assert (shown, showing) == (len(told["witnesses"]), told["showing"])
    assert 8 == len(verdict_document(judgement, columns)["witnesses"])


def test_what_the_guarantee_permits_is_told_as_such():
    """In the tally and in the witness."""
    operations = [
        login(), wrote("a", (2, 3), outcome="unknown"), wrote("b", (4, 5)), read("b", (6, 7)), read("a", (8, 9)),
    ]  # fmt: skip
    told = verdict_document(judged(*operations), Columns.of(operations))

    assert (1, 1) == tuple(told["anomalies"]["late-write"][k] for k in ("count", "allowed"))
    assert [True] == [w["allowed"] for w in told["witnesses"] if w["anomaly"] == "late-write"]


def test_each_session_has_a_line():
    """In the order in which they first appear; what is allowed or not gated is no fault of it."""
    judgement = judged(
        login(session="b"), login(), recreated((2, 3)), gone((3, 4), user="v"), alive((2, 3), session="b"),
        login(session="c"), op("read", (4, 5), session="b", outcome="unknown"), alive((0, 1)),
    )  # fmt: skip

    assert [
        {"session": "b", "verdict": "pass", "anomalies": ["failed-request"], "reasons": []},
        {"session": "s", "verdict": "fail", "anomalies": ["recreated-session", "session-leak"], "reasons": []},
        {"session": "c", "verdict": "inconclusive", "anomalies": [], "reasons": ["it was never asked after its login"]},
    ] == list(session_lines(judgement))


def test_what_only_some_runs_have_is_told_there_alone():
    """A rollout's stages, the streams, the spread over the replicas."""
    page, asset = alive((1, 2), replica="app-1", build="a"), op("asset", (3, 4), path="/a.js", status=404)
    columns = Columns.of([login(), page, alive((5, 6), replica="app-1", build="b"), asset])
    streams = StreamFigures(opened=3, cut=1, resumed=1, resume_ms_p50=2.0, resume_ms_p95=4.0, at_onset={})
    spread = Spread(replicas={}, imbalance=1.5, joined={})
    recorded = History(header(), columns)

    plain = document(login(), alive((2, 3)))
    told = verdict_document(judge(recorded), columns, streams=streams, spread=spread)

    assert not {"rollout", "streams", "spread"} & set(plain)
    assert [{"upgraded": 0, "replicas": 1, "asked": 1, "missing": 1}] == list(told["rollout"])
    assert (3, 1, 1, 2.0, 4.0) == tuple(told["streams"][name] for name in list(told["streams"])[:5])
    assert {"replicas": {}, "imbalance": 1.5, "joined": {}} == told["spread"]

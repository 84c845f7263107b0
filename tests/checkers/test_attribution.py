"""Attribution: the phase, the fault and the layer of a finding, as far as the evidence goes."""

import pytest
from tests.checkers.operations import op
from tests.checkers.runs import AUDIT, END, HEAL, ONSET, SETTLE, STEADY, S, at, header, killed, later, run, session

from outlast.checkers import blocks
from outlast.checkers.attribution import fault_before, phase_at


def _layer(*operations, anomaly="lost-session", **judging):
    """The layer of the one finding of that name."""
    return next(f.layer for f in run(*operations, **judging).findings if f.anomaly == anomaly)


@pytest.mark.parametrize(
    ("second", "phase"),
    [
        (STEADY - 1, None), (STEADY, "steady"), (ONSET - 0.5, "steady"), (ONSET, "fault"), (HEAL, "heal"),
        (SETTLE, "settle"), (AUDIT, "audit"), (END, "audit"), (END + 1, None),
    ],
)  # fmt: skip
def test_an_instant_lies_in_a_phase_and_of_two_that_touch_in_the_later_one(second, phase):
    """Outside of all phases in none."""
    assert phase == phase_at(header(killed()), round(second * S))


def test_an_effect_can_outlast_its_fault():
    """The last fault that had begun may be why, whether it is over or not; one that begins later is not."""
    head = header(killed("b", name="second", start_ns=7, end_ns=8), killed("a", name="first", start_ns=5, end_ns=6))

    assert [None, "first", "first", "second", "second"] == [
        fault and fault.name for fault in (fault_before(head, instant) for instant in (4, 5, 6, 7, 9))
    ]


def test_a_finding_tells_its_phase_and_the_fault_before_it():
    """By when the operation that gave it away was asked."""
    before = run(*session("a"), later("a", "anonymous", when=3)).findings[0]
    after = run(*session("a"), later("a", "anonymous")).findings[0]

    assert ("steady", None) == (before.phase, before.fault)
    assert ("audit", "kill") == (after.phase, after.fault)


def test_a_replica_that_still_has_it_was_not_asked():
    """The balancer sent the user elsewhere, whatever the store says."""
    lost = [*session("a"), later("a", "anonymous")]

    assert "balancer" == _layer(*lost, later("a", "alive", 17, via="replica:app-3"))
    assert "balancer" == _layer(
        *lost, later("a", "alive", 17, via="replica:app-3"), later("a", "anonymous", 18, via="store")
    )


def test_the_store_tells_whether_it_or_the_replica_lost_it():
    """It has it: the replica did not look it up. It has it not: the store lost it."""
    lost = [*session("a"), later("a", "anonymous")]

    assert "replica" == _layer(*lost, later("a", "alive", 17, via="store"))
    assert "store" == _layer(*lost, later("a", "anonymous", 17, via="store"))
    assert "store" == _layer(
        *lost, later("a", "anonymous", 17, via="replica:app-3"), later("a", "anonymous", 18, via="store")
    )


def test_a_store_that_gave_no_answer_says_nothing():
    """It was asked, and could not tell."""
    lost = [*session("a", replica="app-2"), later("a", "anonymous", replica="app-3")]

    assert "balancer" == _layer(*lost, later("a", None, 17, via="store", outcome="unknown"), faults=())


@pytest.mark.parametrize("rows_at_once", [1, 3, 100])
def test_what_was_asked_directly_is_found_wherever_it_stands(rows_at_once, monkeypatch):
    """However the rows are cut into blocks."""
    monkeypatch.setattr(blocks, "BLOCK", rows_at_once)
    others = [o for name in ("b", "c") for o in (*session(name), later(name, "alive", 17, via="store"))]
    lost = [*session("a", replica="app-2"), later("a", "anonymous", replica="app-3")]

    assert "store" == _layer(*others, *lost, later("a", "anonymous", 18, via="store"))


def test_the_last_answer_that_saw_it_alive_tells_where_it_lived():
    """Not the login, which may have been answered elsewhere."""
    born = op("login", at(0.5), session="a", user="u", replica="app-1")
    moved = op("read", at(1.5), session="a", seen="alive", replica="app-2")
    lost = [born, moved, later("a", "anonymous", replica="app-3")]

    assert "balancer" == _layer(*lost, faults=(killed("app-1"),))
    assert "replica" == _layer(*lost, faults=(killed("app-2"),))


def test_what_the_store_says_of_another_session_proves_nothing():
    """Each session is looked up by itself, whatever the order in which they were recorded."""
    others = [o for name in ("b", "c") for o in (*session(name), later(name, "alive", 17, via="store"))]
    lost = [*session("a", replica="app-2"), later("a", "anonymous", replica="app-3")]

    assert "balancer" == _layer(*lost, *others)
    assert "balancer" == _layer(*others, *lost)
    assert "store" == _layer(*others, *lost, later("a", "anonymous", 18, via="store"))


@pytest.mark.parametrize(
    ("home", "asked", "victims", "layer"),
    [
        pytest.param("app-1", "app-2", ("app-1",), "replica", id="its replica was the victim"),
        pytest.param("app-2", "app-3", ("app-1",), "balancer", id="another replica was the victim"),
        pytest.param("app-2", "app-3", ("redis",), "store", id="the victim is no replica"),
        pytest.param("app-2", "app-3", (), "balancer", id="no victim"),
    ],
)
def test_where_nobody_else_was_asked_the_replicas_tell(home, asked, victims, layer):
    """Another node than the one that saw it alive: was that one's memory harmed?"""
    others = [later("b", "alive", replica="app-1"), later("c", "alive", replica="app-2")]
    lost = [*session("a", replica=home), later("a", "anonymous", replica=asked)]

    assert layer == _layer(*lost, *others, faults=(killed(*victims),) if victims else ())


def test_the_same_node_lost_it_by_a_restart_or_not_by_itself():
    """Another boot: its memory is gone. The same boot: what it asks has lost it."""
    told = {"replica": "app-1", "session": "a"}
    alive = [op("login", at(0.5), user="u", boot="1", **told), op("read", at(1), seen="alive", boot="1", **told)]

    assert "replica" == _layer(*alive, later("a", "anonymous", replica="app-1", boot="2"))
    assert "store" == _layer(*alive, later("a", "anonymous", replica="app-1", boot="1"))


def test_without_a_replica_nothing_tells():
    """Neither of the answer that saw it alive, nor of the one that did not."""
    assert _layer(*session("a"), later("a", "anonymous", replica=None)) is None
    assert _layer(*session("a", replica=None), later("a", "anonymous")) is None


def test_what_was_never_seen_alive_was_last_on_the_login_that_tells_its_user():
    """A login is no proof of life, but it tells the replica."""
    born = op("login", at(0.5), session="a", user="u", replica="app-1")

    assert "replica" == _layer(born, later("a", "anonymous"), anomaly="login-not-stored")


def test_some_findings_tell_their_layer_by_their_name():
    """The client's cookie, the time to live; a value that was lost tells none."""
    born = session("a")
    evicted = [later("a", "anonymous", cookie="deleted"), later("a", "alive", 17, jar="kept")]
    lost_write = [op("write", at(2), session="a", value="v", seen="alive"),
                  op("read", at(16), session="a", value=None, has_value=True, seen="alive")]  # fmt: skip

    assert "client" == _layer(*born, *evicted, anomaly="client-evicted")
    assert "expiry" == _layer(*born, later("a", "alive"), ttl_s=5, anomaly="late-expiry")
    assert _layer(*born, *lost_write, later("a", "anonymous", 17, via="store"), anomaly="lost-write") is None

"""Who served how much, and what a replica that joined came to serve."""

from __future__ import annotations

from tests.checkers.operations import alive, gone, login, op

from outlast.checkers.spread import Joined, Served, spread_of
from outlast.history.columns import Columns
from outlast.history.history import FaultWindow, Header, History, Phase, PhaseName

MS = 1_000_000


def fault(name: str = "scale_out", node: str = "app-4", end: int | None = 900) -> FaultWindow:
    return FaultWindow(
        name=name,
        nodes=(node,),
        start_ns=100 * MS,
        end_ns=None if end is None else end * MS,
        proven=True,
        healed=end is not None,
    )


def spread(*operations, faults=(), phases=()):
    return spread_of(History(Header(faults=faults, phases=phases), Columns.of(operations)))


def reads(replica: str, *took: int, session: str = "s", at: int = 10):
    return [alive((at * MS, (at + ms) * MS), replica=replica, session=session) for ms in took]


def test_what_each_replica_answered_is_counted():
    """Operations, the sessions they were of, and how long reads took: the 95 % of two is the longer one."""
    found = spread(
        login((0, 1 * MS), replica="app-1", session="a"),
        *reads("app-1", 1, 3, session="a"),
        op("write", (2 * MS, 9 * MS), replica="app-2", session="b", value="v"),
    )

    assert {
        "app-1": Served(operations=3, sessions=1, costly=0, read_ms_p95=3.0),
        "app-2": Served(operations=1, sessions=1, costly=0, read_ms_p95=None),
    } == found.replicas
    assert 1.5 == found.imbalance
    assert {} == found.joined


def test_what_made_a_replica_compute_is_counted_and_not_timed():
    """Its neighbours' reads are what is slowed down by it."""
    found = spread(*reads("app-1", 5), alive((1, 900 * MS), replica="app-1", path="costly"))

    assert {"app-1": Served(operations=2, sessions=1, costly=1, read_ms_p95=5.0)} == found.replicas


def test_only_what_was_answered_before_the_first_fault_is_counted():
    """Whoever takes over for a victim is not out of balance."""
    found = spread(*reads("app-1", 5), *reads("app-2", 5, 95, at=10), faults=(fault("kill", "app-1"),))

    assert {"app-1": 1, "app-2": 1} == {name: served.operations for name, served in found.replicas.items()}


def test_the_audit_is_no_load():
    """It asks for each session once, whoever has it."""
    audit = Phase(name=PhaseName.AUDIT, start_ns=50 * MS, end_ns=90 * MS)
    found = spread(*reads("app-1", 5), *reads("app-2", 5, at=60), phases=(audit,))

    assert ["app-1"] == list(found.replicas)


def test_what_went_around_the_balancer_or_was_not_answered_is_no_part_of_it():
    """It was not the balancer's choice; and who was asked is not known."""
    unanswered = alive((1, None), replica="app-1", outcome="unknown", seen=None)

    assert spread(alive((1, 2), replica="app-1", via="replica:app-1")) is None
    assert spread(unanswered) is None
    assert spread(alive((1, 2))) is None


def test_a_newcomer_is_asked_by_old_sessions_and_by_new_ones():
    """From its first answer to its end; who logged in before it came is old, wherever that was."""
    found = spread(
        login((0, 1), replica="app-1", session="old"),
        login((150 * MS, 160 * MS), replica="app-1", session="new"),
        *reads("app-1", 5, session="old", at=110),  # before anybody heard of app-4
        *reads("app-4", 1, session="new", at=200),
        *reads("app-4", 5, session="new", at=300),
        *reads("app-1", 5, session="old", at=300),
        *reads("app-4", 5, session="old", at=310),
        *reads("app-1", 5, session="new", at=320),
        *reads("app-1", 5, session="old", at=899),  # it ends after app-4's end
        faults=(fault(),),
    )

    assert {"app-4": Joined(old=2, old_here=1, new=2, new_here=1)} == found.joined


def test_one_that_never_answers_or_does_not_join_is_no_newcomer():
    """A replica that is killed and comes back joins nothing."""
    operations = [login((0, 1), replica="app-1"), *reads("app-1", 5, at=200), gone((0, 1), replica="app-4")]

    assert {} == spread(*operations, faults=(fault(),)).joined
    assert {} == spread(*operations, *reads("app-4", 5, at=300), faults=(fault("restart"),)).joined


def test_a_newcomer_that_nobody_took_away_stays_to_the_end():
    """end_ns is not known then."""
    late = [*reads("app-4", 1, at=2000), *reads("app-4", 2, at=3000)]
    found = spread(login((0, 1), replica="app-1"), *late, faults=(fault(end=None),))

    assert 1 == found.joined["app-4"].old_here


def test_at_its_borders_a_newcomer_is_there_already_and_still():
    """An answer as the fault begins, what is sent just then, what ends as it leaves; who logs in just then is new."""
    found = spread(
        login((0, 1), replica="app-1", session="old"),
        *reads("app-4", 10, session="old", at=90),  # ends when the fault begins: the first that is heard of app-4
        login((100 * MS, 105 * MS), replica="app-1", session="new"),
        *reads("app-4", 800, session="new", at=100),
        *reads("app-4", 700, session="new", at=200),
        faults=(fault(),),
    )

    assert {"app-4": Joined(old=0, old_here=0, new=3, new_here=2)} == found.joined


def test_an_answer_at_the_instant_of_the_fault_is_not_before_it():
    """And of a hundred reads the 95th slowest counts."""
    found = spread(*reads("app-1", *range(1, 81)), *reads("app-1", 90), faults=(fault("kill", "app-1"),))

    assert {"app-1": Served(operations=80, sessions=1, costly=0, read_ms_p95=76.0)} == found.replicas
    assert 95.0 == spread(*reads("app-1", *range(1, 101))).replicas["app-1"].read_ms_p95

"""Exposure: who lived on the victim when the fault struck."""

import pytest
from tests.checkers.operations import op
from tests.checkers.runs import AUDIT, ONSET, S, at, killed, later, run, session


def test_a_session_lives_where_it_was_last_answered():
    """Before the onset, through the balancer."""
    moved = [*session("b", "app-2"), op("read", at(4), session="b", seen="alive", replica="app-1")]
    left = [*session("c", "app-1"), op("read", at(4), session="c", seen="alive", replica="app-2")]
    after = [*session("d", "app-2"), op("read", at(6), session="d", seen="alive", replica="app-1")]
    past = [*session("e", "app-2"), op("read", at(4), session="e", seen="alive", replica="app-1", via="replica:app-1")]
    judgement = run(*session("a"), *moved, *left, *after, *past)

    assert (1, 2, 0) == (
        judgement.exposure.faults,
        judgement.exposure.sessions_on_victim,
        judgement.exposure.sessions_excluded,
    )


def test_who_is_not_alive_is_not_exposed():
    """Logged out, seen gone, or not yet logged in."""
    out = [*session("a"), op("logout", at(4), session="a", replica="app-1")]
    gone = [*session("b"), op("read", at(4), session="b", seen="anonymous", replica="app-1")]
    new = [op("login", at(6), session="c", replica="app-1", user="u")]

    assert 0 == run(*out, *gone, *new).exposure.sessions_on_victim


@pytest.mark.parametrize("kind", ["login", "logout"])
def test_who_was_logging_in_or_out_at_the_onset_is_excluded_and_counted(kind):
    """Its loss proves nothing either way."""
    doubtful = op(kind, at(ONSET - 0.1, ONSET + 0.1), session="b", replica="app-1", user="u")
    known = session("b") if kind == "logout" else []
    judgement = run(*session("a"), *known, doubtful)

    assert (1, 1) == (judgement.exposure.sessions_on_victim, judgement.exposure.sessions_excluded)


def test_a_victim_that_is_no_replica_exposes_every_living_session():
    """A store, or the balancer."""
    assert 2 == run(*session("a"), *session("b", "app-2"), faults=(killed("redis"),)).exposure.sessions_on_victim


def test_a_node_that_joins_exposes_every_living_session():
    """Nobody lived on it, and it may take anyone's place; who logged in there may go with it and proves nothing."""
    new = [op("login", at(ONSET + 1), session="c", replica="app-4", user="u")]
    exposure = run(*session("a"), *session("b", "app-2"), *new, faults=(killed("app-4", name="scale_out"),)).exposure
    as_killed = run(*session("a"), *session("b", "app-2"), *new, faults=(killed("app-4"),)).exposure

    assert (2, 1) == (exposure.sessions_on_victim, exposure.sessions_excluded)
    assert 0 == as_killed.sessions_on_victim


def test_writes_under_way_at_the_onset_are_in_flight():
    """Sent before, answered after."""
    writes = [
        op("write", at(ONSET - 1, ONSET + 1), session="a", value="1", seen="alive"),
        op("increment", at(ONSET - 1, ONSET + 1), session="a", seen="alive", counter=1),
        op("write", at(ONSET - 1, ONSET - 0.5), session="a", value="2", seen="alive"),
        op("read", at(ONSET - 1, ONSET + 1), session="a", seen="alive"),
    ]

    assert 2 == run(*session("a"), *writes).exposure.writes_in_flight


def test_the_harm_may_have_begun_before_it_was_seen():
    """What happened between the scheduled instant and the proof from outside is no steady state."""
    early = op("read", at(ONSET - 0.2, ONSET - 0.1), session="a", seen="anonymous", replica="app-2")

    assert 0 == run(*session("a"), early).exposure.sessions_on_victim
    assert 1 == run(*session("a"), early, faults=(killed(onset_error_ms=300.0),)).exposure.sessions_on_victim


def test_bounds_count_the_exposed_sessions_and_the_faults():
    """Exact one-sided 95 % bounds; the fault is the independent trial."""
    lost = [o for i in range(3) for o in (*session(f"v{i}"), later(f"v{i}", "anonymous"))]
    kept = [o for i in range(7) for o in (*session(f"k{i}", "app-2"), later(f"k{i}", "alive"))]
    tally = run(*lost, *kept).tallies["lost-session"]
    clean = run(*session("a"), later("a", "alive", AUDIT + 1)).tallies["lost-session"]

    assert (3, 1.0, 1.0) == (tally.count, tally.per_session, tally.per_fault)
    assert (0, 0.95, 0.95) == (clean.count, round(clean.per_session, 9), round(clean.per_fault, 9))
    assert S == 10**9


A, B = killed("app-1", start_ns=5 * S, end_ns=6 * S), killed("app-2", start_ns=8 * S, end_ns=9 * S)


def test_with_two_faults_each_session_counts_at_its_own_victim():
    """Who lived on app-1 at the first onset, and who on app-2 at the second: nobody twice, nobody of app-3."""
    third = [*session("c", "app-3"), later("c", "alive", replica="app-3")]
    judgement = run(*session("a", "app-1"), *session("b", "app-2"), *third, faults=(A, B))

    assert (2, 2) == (judgement.exposure.faults, judgement.exposure.sessions_on_victim)


def test_a_session_that_is_gone_is_not_exposed_to_the_next():
    """Seen gone in between, by the next victim, though the first was not its own."""
    there = session("a", "app-1")
    gone = [*session("c", "app-3"), later("c", "anonymous", 7, "app-2")]

    assert 1 == run(*there, *gone, faults=(A, B)).exposure.sessions_on_victim


def test_who_moved_in_between_is_exposed_where_it_then_lives():
    """Logged in after the first fault on the second victim."""
    new = [op("login", at(7), session="n", replica="app-2", user="n")]

    assert (1, 0) == (
        run(*new, faults=(A, B)).exposure.sessions_on_victim,
        run(*new, faults=(A, B)).exposure.sessions_excluded,
    )


def test_what_one_fault_put_at_risk_the_next_one_does_not_excuse():
    """Logging out while the second strikes, it was exposed to the first; and who is born on a victim that comes back is
    exposed when that is struck again."""
    leaving = [*session("a", "app-1"), op("logout", at(7.9, 8.1), session="a", replica="app-1")]
    again = killed("app-1", start_ns=8 * S, end_ns=9 * S)
    born = [op("login", at(7), session="n", replica="app-1", user="n")]

    for operations, faults in ((leaving, (A, B)), (born, (A, again))):
        exposure = run(*operations, faults=faults).exposure
        assert (1, 0) == (exposure.sessions_on_victim, exposure.sessions_excluded)


def test_where_no_answer_tells_its_replica_everybody_may_have_lived_on_the_victim():
    """Answers of the replicas themselves, when they are asked past the balancer, tell nothing of that."""
    quiet = [op("login", at(0.5), session=name, user=name) for name in "ab"]
    asked = [op("read", at(16), session="a", seen="alive", replica="app-1", via="replica:app-1")]

    assert 2 == run(*quiet, *asked).exposure.sessions_on_victim
    assert 0 == run(*quiet, *asked, *session("c", "app-2")).exposure.sessions_on_victim

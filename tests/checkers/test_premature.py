"""Premature expiry: several sessions gone at an age that no other outlived, with no fault near."""

from tests.checkers.operations import login, op
from tests.checkers.runs import HEAL, ONSET, at, header, killed, later, session

from outlast.checkers.judge import judge
from outlast.history.columns import Columns
from outlast.history.history import History

TTL = 100.0


def counted(*operations, faults=(), ttl_s=TTL, **told):
    """Operations of a run -> anomaly: how often."""
    tallies = judge(History(header(*faults, ttl_s=ttl_s, **told), Columns.of(operations))).tallies
    return {
        name.value: tally.count for name, tally in tallies.items() if tally.count and name.default_limit is not None
    }


def gone(name, when, seen="anonymous"):
    """A session that was alive at 1.5 s, and is gone at this instant."""
    return [*session(name), later(name, seen, when)]


def test_several_of_one_age_have_expired():
    """In whatever way they are gone."""
    assert {"premature-expiry": 2} == counted(*gone("a", 11), *gone("b", 12))
    assert {"premature-expiry": 2} == counted(*gone("a", 11), *gone("b", 12, "recreated"))


def test_one_alone_is_lost():
    """Any of the many reasons may be why."""
    assert {"lost-session": 1} == counted(*gone("a", 11))


def test_where_sessions_do_not_expire_none_does_so_prematurely():
    """They are lost."""
    assert {"lost-session": 2} == counted(*gone("a", 11), *gone("b", 12), ttl_s=None)


def test_a_session_that_outlived_that_age_speaks_against_it():
    """Idle for longer, and alive: no shorter time to live explains the losses. Idle for as long does, too."""
    both = [*gone("a", 11), *gone("b", 12)]

    assert {"lost-session": 2} == counted(*both, *session("c"), later("c", "alive", 13))
    assert {"premature-expiry": 2} == counted(*both, *session("c"), later("c", "alive", 10))
    assert {"lost-session": 2} == counted(*both, *session("c"), later("c", "alive", 11.5))


def test_a_fault_in_between_is_the_simpler_reason():
    """In force between the last use and the answer that showed it gone; before or after that it is not."""
    both = [*gone("a", 11), *gone("b", 12)]

    assert {"lost-session": 2} == counted(*both, faults=(killed(),))
    assert {"lost-session": 2} == counted(*both, faults=(killed(end_ns=None),))
    assert {"premature-expiry": 2} == counted(*both, faults=(killed(start_ns=at(13)[0], end_ns=at(14)[0]),))
    assert {"premature-expiry": 2} == counted(*both, faults=(killed(start_ns=at(0)[0], end_ns=at(1)[0]),))
    assert {"lost-session": 2} == counted(*both, faults=(killed(start_ns=at(0)[0], end_ns=at(1.5)[0]),))
    assert {"lost-session": 2} == counted(
        *both, faults=(killed(start_ns=at(12.2)[0], end_ns=at(14)[0], onset_error_ms=1200.0),)
    )
    assert ONSET < HEAL


def test_losses_near_a_fault_are_left_out_of_account():
    """They keep their name, and speak neither for nor against."""
    near = [*session("c"), later("c", "anonymous", 6)]
    far = [*(o for n in "ab" for o in (login(at(9), session=n), later(n, "alive", 10), later(n, "anonymous", 16)))]

    assert {"premature-expiry": 2, "lost-session": 1} == counted(*near, *far, faults=(killed(),))


def test_a_loss_far_from_any_fault_that_no_age_explains_speaks_against_it():
    """All of them or none: one that was idle for less than a living one was lost otherwise."""
    kept = [*session("c"), later("c", "alive", 10)]

    assert {"premature-expiry": 2} == counted(*gone("a", 12), *gone("b", 13), *kept)
    assert {"lost-session": 3} == counted(*gone("a", 12), *gone("b", 13), *kept, *gone("d", 4))


def test_other_losses_keep_their_names():
    """A login that was not stored has no age; what flickers has not expired."""
    not_stored = [login(at(0.5), session="n"), later("n", "anonymous", 11)]
    flickering = [*session("f"), later("f", "anonymous", 3), later("f", "alive", 4)]

    assert {"premature-expiry": 2, "login-not-stored": 1, "flickering-session": 1} == counted(
        *gone("a", 11), *gone("b", 12), *not_stored, *flickering
    )


def test_a_session_whose_age_nobody_knows_may_have_expired():
    """Without any acknowledged use."""
    unused = [op("login", at(0.5), session=n, user=n, outcome="unknown") for n in "ab"]
    seen = [op("read", at(1), session=n, seen="alive", outcome="fail", status=403) for n in "ab"]

    assert {} == counted(*unused, *seen, *(later(n, "anonymous", 11) for n in "ab"))


def test_clock_error_counts_for_the_longest_idle_time():
    """What is gone may have been idle for longer than the two clocks tell."""
    both = [*gone("a", 11), *gone("b", 12), *session("c"), later("c", "alive", 11.2)]

    assert {"lost-session": 2} == counted(*both)
    assert {"premature-expiry": 2} == counted(*both, clock_error_ns=100_000_000)

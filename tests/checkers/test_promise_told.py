"""What a promise says of itself, in words and in the plan, and why it was broken or not put to the test."""

import pytest
from tests.checkers.operations import op
from tests.checkers.runs import HEAL, ONSET, at, killed, later, run, session

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.promise import (
    loses_all,
    loses_all_even_without_fault,
    loses_exactly_the_victims,
    loses_nothing,
    loses_writes_younger_than_s,
    promise_document,
    promise_of,
)

FINE = [*session("z", "app-1"), later("z", "alive", 17)]
STUCK = op("read", at(HEAL + 1), session="z", outcome="unknown")


def reasons(promise, *operations, **told):
    """Whether it was kept, and why not."""
    expectation = run(*operations, promise=promise, **told).expectation
    return expectation.kept, expectation.reasons


def lost(name, replica="app-1", **told):
    """A session that was alive before the fault and seen gone after it."""
    return [*session(name, replica), later(name, "anonymous", **told)]


@pytest.mark.parametrize(
    ("promising", "words"),
    [
        (loses_nothing, "loses nothing"),
        (loses_exactly_the_victims, "loses exactly the victim's sessions"),
        (loses_all, "loses every session that was alive at the onset"),
        (loses_all_even_without_fault, "loses every session, even without a fault"),
        (
            lambda *told: loses_writes_younger_than_s(1.5, *told),
            "loses acknowledged writes, and only recent ones: acknowledged in the last 1.5 s before the fault, or "
            "during it",
        ),
        (
            lambda *told: loses_nothing(*(told or ((), False)), 2.0),
            "loses nothing but what was acknowledged in the last 2 s before the fault, or during it",
        ),
    ],
)
def test_a_promise_is_told_in_words(promising, words):
    """Whose sessions are lost; what is expected besides and an outage only where they were declared."""
    both = promising([Anomaly.LATE_WRITE, Anomaly.SESSION_LEAK], True)

    assert words == promising().sentence
    assert f"{words}, and shows late-write, session-leak; it may be unavailable meanwhile" == both.sentence


def test_a_plan_says_no_more_than_it_must():
    """A window only where there is one; what a plan leaves out is nothing."""
    assert {"loses": "nothing", "also": [], "unavailable": False} == promise_document(loses_nothing())
    assert loses_nothing() == promise_of({"loses": "nothing"})


def test_a_broken_promise_tells_what_befell_how_many_and_whom():
    """In the order of the list of anomalies, and where it should not have befallen."""
    one = [*FINE, *lost("b")]
    several = [*FINE, *lost("c"), *lost("b"), later("z", "alive", 18, user="someone else")]

    assert (False, ("lost-session: 1 session, the first 'b'",)) == reasons(loses_nothing(), *one)
    assert (
        False, ("lost-session: 2 sessions, the first 'c'", "session-leak: 1 session, the first 'z'"),
    ) == reasons(loses_nothing(), *several)  # fmt: skip
    assert (
        False, ("lost-session: 1 session that it should not have befallen, the first 'c'",),
    ) == reasons(loses_exactly_the_victims(), *lost("a"), *lost("c", "app-2"))  # fmt: skip


def test_what_outlasted_its_loss_is_counted_and_named():
    """One or several."""
    kept = [*session("b"), later("b", "alive")]

    assert (
        False, ("1 session should have been lost and outlasted it, the first 'b'",),
    ) == reasons(loses_exactly_the_victims(), *lost("a"), *kept)  # fmt: skip
    assert (
        False, ("2 sessions should have been lost and outlasted it, the first 'z'",),
    ) == reasons(loses_exactly_the_victims(), *lost("a"), *FINE, *kept)  # fmt: skip


def test_who_was_alive_at_the_onset_outlasts_the_loss_of_all_wherever_it_lived():
    """Not on the victim alone."""
    elsewhere = [*session("c", "app-2"), later("c", "alive")]

    assert (
        False, ("1 session should have been lost and outlasted it, the first 'c'",),
    ) == reasons(loses_all(), *lost("a"), *elsewhere)  # fmt: skip


def test_who_outlasted_anothers_fault_was_still_to_be_lost_by_its_own():
    """Alive after app-1 was killed proves nothing of app-2's sessions: this one left before anybody could tell."""
    two = (killed(start_ns=5 * 10**9, end_ns=6 * 10**9), killed("app-2", start_ns=9 * 10**9, end_ns=10 * 10**9))
    left = [*session("b", "app-2"), later("b", "alive", 7), op("logout", at(9.5), session="b")]
    new = [op("login", at(16), session="n", user="n"), later("n", "alive", 17)]

    assert (True, ()) == reasons(loses_exactly_the_victims(), *lost("a"), *left, *new, faults=two)


def test_nothing_lost_tells_so():
    """A window that nobody fell into is not shown to be open; a loss that nobody can tell is not put to the test."""
    left = [*session("b"), op("logout", at(ONSET + 1), session="b"), *session("c", "app-2"), later("c", "alive")]

    assert (
        False, ("nothing was lost: no acknowledged write was at risk, or all were kept",),
    ) == reasons(loses_writes_younger_than_s(2.0), *FINE)  # fmt: skip
    assert (
        None, ("no session that should be lost could be told to be",),
    ) == reasons(loses_exactly_the_victims(), *left)  # fmt: skip


def test_who_came_after_the_onset_should_not_be_lost_with_the_others():
    """A store that came back empty loses nobody who logged in since."""
    new = [op("login", at(HEAL + 0.2), session="n", user="n", replica="app-2"), later("n", "alive", 15, user="n")]
    store = (killed("redis"),)

    assert (True, ()) == reasons(loses_all(), *lost("a"), *new, faults=store)
    assert (
        False, ("lost-session: 1 session that it should not have befallen, the first 'n'",),
    ) == reasons(loses_all(), *lost("a"), *new, later("n", "anonymous"), faults=store)  # fmt: skip


def test_a_session_born_at_the_onset_may_be_lost_with_the_victims_but_not_where_nothing_may():
    """Whether it lived there cannot be told."""
    born = [op("login", at(ONSET - 0.1, ONSET + 0.1), session="d", user="d"), later("d", "anonymous")]
    elsewhere = [*session("c", "app-2"), later("c", "alive")]

    assert (True, ()) == reasons(loses_exactly_the_victims(), *lost("a"), *elsewhere, *born)
    assert (
        False, ("login-not-stored: 1 session, the first 'd'",),
    ) == reasons(loses_nothing(), *FINE, *elsewhere, *born)  # fmt: skip


def test_what_is_expected_or_excused_hides_nothing_else():
    """Neither an anomaly that was promised, nor a user who was stuck where an outage was."""
    asset = op("asset", at(16), session="z", status=404, path="/a.css")
    missing = "missing-asset: 1 session, the first 'z'"
    stuck = [*lost("b"), *session("c"), op("read", at(HEAL + 1), session="c", outcome="unknown")]
    also = [Anomaly.LOST_SESSION]

    assert (True, ()) == reasons(loses_nothing(also), *FINE, *lost("b"))
    assert (False, (missing,)) == reasons(loses_nothing(also), *FINE, *lost("b"), asset)
    assert (False, (missing,)) == reasons(loses_nothing(also, unavailable=True), *FINE, *stuck, asset)
    assert (
        False, ("lost-session: 1 session, the first 'b'",),
    ) == reasons(loses_nothing(unavailable=True), *FINE, *stuck)  # fmt: skip


@pytest.mark.parametrize(("limit", "told"), [(0.9, ()), (0.0, ("more requests failed than its gate allows",))])
def test_failed_requests_break_a_promise_by_their_gate_alone(limit, told):
    """A share of all requests, which no session breaks by itself; an outage excuses it."""
    failed = [*FINE, later("z", None, outcome="unknown")]
    asset = op("asset", at(16), session="z", status=404, path="/a.css")
    gates = {"failed-request": limit, "lost-session": 0, "missing-asset": 0}
    others = ("lost-session: 1 session, the first 'b'", "missing-asset: 1 session, the first 'z'")

    assert (not told, told) == reasons(loses_nothing(), *failed, gates=gates)
    assert (True, ()) == reasons(loses_nothing(unavailable=True), *failed, gates=gates)
    assert (
        False, (others[0], *told, others[1]),
    ) == reasons(loses_nothing(), *failed, *lost("b"), asset, gates=gates)  # fmt: skip


def test_where_nobody_lived_on_the_victim_only_a_loss_of_all_is_put_to_the_test():
    """Whom the fault struck does not matter where all are lost anyway; whatever else proves nothing does."""
    lucky = [op("read", at(1 + i / 5), session="y", seen="alive") for i in range(2)]
    gone = [op("read", at(3), session="x", seen="anonymous"), op("read", at(4), session="x", seen="alive")]
    idle = op("read", at(1), session="x", seen="anonymous", via="replica:app-1")
    kept = [idle, *session("x", "app-2"), later("x", "alive")]
    everybody = [*kept, *session("y", "app-2"), *gone, *lucky, later("y", "alive")]

    assert (None, ("nothing lived on the victim",)) == reasons(loses_nothing(), *kept)
    assert (True, ()) == reasons(loses_all_even_without_fault(), *everybody)
    assert (
        None, ("the load reached 1 operations per second of at least 50",),
    ) == reasons(loses_all_even_without_fault(), *everybody, minimum_rate=50)  # fmt: skip


@pytest.mark.parametrize(("asked", "kept"), [(11, True), (12, False)])
def test_a_session_that_was_asked_a_dozen_times_cannot_have_been_lucky(asked, kept):
    """It met a replica that did not know it, or there is none."""
    often = [op("login", at(0.1), session="z", user="z")]
    often += [op("read", at(1 + i / 5), session="z", seen="alive") for i in range(asked)]
    lost_one = [op("login", at(0.1), session="x", user="x"), op("read", at(1), session="x", seen="alive"),
                op("read", at(2), session="x", seen="anonymous")]  # fmt: skip

    assert kept is reasons(loses_all_even_without_fault(), *often, *lost_one, faults=())[0]


def test_a_session_that_never_was_outlasts_nothing():
    """However often its login was refused."""
    refused = [op("login", at(1 + i / 5), session="w", outcome="fail", status=401, seen="anonymous") for i in range(12)]
    lost_one = [*session("x"), later("x", "anonymous", 3)]

    assert True is reasons(loses_all_even_without_fault(), *refused, *lost_one, faults=())[0]

"""What an experiment declares for an architecture, and whether it was kept."""

import pytest
from tests.checkers.operations import op
from tests.checkers.runs import HEAL, ONSET, at, killed, later, run, session

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.promise import (
    loses_all,
    loses_all_even_without_fault,
    loses_exactly_the_victims,
    loses_nothing,
    promise_document,
    promise_of,
)

ON_VICTIM = [*session("a", "app-1"), *session("b", "app-1")]
ELSEWHERE = [*session("c", "app-2"), later("c", "alive")]


def kept(promise, *operations, **told):
    """Whether the promise was kept by these operations; None: not put to the test."""
    expectation = run(*operations, promise=promise, **told).expectation
    assert expectation.promise == promise.sentence
    assert (expectation.kept is True) == (expectation.reasons == ())
    return expectation.kept


def lost(name, **told):
    """It was seen gone after the fault."""
    return later(name, "anonymous", **told)


def test_loses_nothing():
    """One lost session breaks it, on the victim or not."""
    fine = [*ON_VICTIM, later("a", "alive"), later("b", "alive"), *ELSEWHERE]

    assert kept(loses_nothing(), *fine) is True
    assert kept(loses_nothing(), *ON_VICTIM, later("a", "alive"), lost("b"), *ELSEWHERE) is False


def test_loses_exactly_the_victims_sessions():
    """Sets of sessions are compared, not numbers."""
    exactly = loses_exactly_the_victims()

    assert kept(exactly, *ON_VICTIM, lost("a"), later("b", "recreated"), *ELSEWHERE) is True
    assert kept(exactly, *ON_VICTIM, lost("a"), later("b", "alive"), *ELSEWHERE) is False
    assert kept(exactly, *ON_VICTIM, lost("a"), later("b", "alive"), *session("c", "app-2"), lost("c")) is False


def test_who_logged_in_or_out_at_the_onset_is_left_out():
    """Whatever became of it."""
    leaving = [*session("d", "app-1"), op("logout", at(ONSET - 0.1, ONSET + 0.1), session="d")]

    for seen in ("alive", "anonymous"):
        assert kept(
            loses_exactly_the_victims(also=[Anomaly.RESURRECTED_SESSION]),
            *ON_VICTIM, lost("a"), lost("b"), *ELSEWHERE, *leaving, later("d", seen),
        ) is True  # fmt: skip


def test_whose_loss_cannot_be_told_is_left_out():
    """It logged out before an answer could show it gone; or it was never answered."""
    out = op("logout", at(ONSET + 1), session="b")

    assert kept(loses_exactly_the_victims(), *ON_VICTIM, lost("a"), out, later("b", "anonymous"), *ELSEWHERE) is True


@pytest.mark.parametrize("name", ["rolling_restart", "deploy", "kill"])
def test_who_left_before_its_node_was_struck_outlasts_nothing(name):
    """A rolling fault comes to the last node at its end: alive before that proves nothing, alive after it does."""
    rolling = {"faults": (killed("app-1", "app-2", name=name),)}
    left = [*ELSEWHERE[:-1], op("read", at(ONSET + 1), session="c", seen="alive", replica="app-2")]
    left.append(op("logout", at(ONSET + 2), session="c"))
    lost_both = [*ON_VICTIM, lost("a"), lost("b")]

    assert kept(loses_all(), *lost_both, *left, **rolling) is (name != "kill")
    assert kept(loses_all(), *lost_both, *ELSEWHERE, **rolling) is False


def test_a_promise_of_loss_that_nobody_lost_is_not_kept():
    """At least one session must have been on the victim, and be lost for sure."""
    exactly = loses_exactly_the_victims()
    out = [op("logout", at(ONSET + 1), session=name) for name in ("a", "b")]

    assert kept(exactly, *ON_VICTIM, *out, *ELSEWHERE) is None
    idle = op("read", at(16), session="c", seen="anonymous", via="replica:app-1")
    assert kept(exactly, *session("c", "app-2"), later("c", "alive"), idle) is None


def test_another_anomaly_than_the_promised_ones_breaks_it():
    """Unless it is expected as well."""
    leak = later("c", "alive", user="someone else")
    operations = [*ON_VICTIM, lost("a"), lost("b"), *ELSEWHERE, leak]

    assert kept(loses_exactly_the_victims(), *operations) is False
    assert kept(loses_exactly_the_victims(also=[Anomaly.SESSION_LEAK]), *operations) is True


def test_a_token_that_outlives_its_logout_can_be_expected():
    """A stateless token: everything is kept, even what was logged out."""
    out = [op("logout", at(2), session="b"), later("b", "alive")]
    operations = [*ON_VICTIM, later("a", "alive"), *out, *ELSEWHERE]

    assert kept(loses_nothing(), *operations) is False
    assert kept(loses_nothing(also=[Anomaly.RESURRECTED_SESSION]), *operations) is True


def test_loses_all_that_was_alive_at_the_onset():
    """A store that comes back empty; who logged in later is not in it."""
    store = (killed("redis"),)
    everybody = [*session("a", "app-1"), *session("b", "app-2")]
    new = [op("login", at(HEAL + 0.2), session="n", user="n", replica="app-1"), later("n", "alive", user="n")]

    assert kept(loses_all(), *everybody, lost("a"), lost("b"), *new, faults=store) is True
    assert kept(loses_all(), *everybody, lost("a"), later("b", "alive"), *new, faults=store) is False
    assert kept(loses_nothing(), *everybody, later("a", "alive"), later("b", "alive"), *new, faults=store) is True


def test_loses_all_even_without_a_fault():
    """Every session that was asked often enough to meet a replica that does not know it."""

    def asked(name, pattern):
        return [
            op("login", at(0.1), session=name, user=name),
            *(op("read", at(1 + i / 5), session=name, seen="alive" if c == "a" else "anonymous")
              for i, c in enumerate(pattern)),
        ]  # fmt: skip

    bad, lucky, often = asked("x", "agaaggag" * 2), asked("y", "aaa"), asked("z", "a" * 16)

    assert kept(loses_all_even_without_fault(), *bad, *lucky, faults=()) is True
    assert kept(loses_all_even_without_fault(), *bad, *often, faults=()) is False
    assert kept(loses_all_even_without_fault(), *lucky, faults=()) is None


def test_users_may_be_stuck_where_an_outage_is_declared():
    """Not elsewhere."""
    stuck = [*ON_VICTIM, later("a", "alive"), op("read", at(HEAL + 1), session="b", outcome="unknown"), *ELSEWHERE]

    assert kept(loses_nothing(), *stuck) is False
    assert kept(loses_nothing(unavailable=True), *stuck, later("b", "alive", 17)) is True


@pytest.mark.parametrize("doubt", [{"proven": False}, {"end_ns": None}, {"healed": False}])
def test_a_fault_that_proves_nothing_puts_no_promise_to_the_test(doubt):
    """Neither kept nor broken, if nothing unexpected was found."""
    fine = [*ON_VICTIM, later("a", "alive"), later("b", "alive"), *ELSEWHERE]

    assert run(*fine, promise=loses_nothing(), faults=(killed(**doubt),)).expectation.kept is None
    assert kept(loses_exactly_the_victims(), *fine, faults=(killed(proven=False),)) is None
    assert kept(loses_nothing(), *fine, lost("c", when=17), faults=(killed(proven=False),)) is False


@pytest.mark.parametrize(
    "promise",
    [loses_nothing(), loses_exactly_the_victims(unavailable=True), loses_all(also=[Anomaly.LOST_WRITE]),
     loses_all_even_without_fault()],
)  # fmt: skip
def test_a_promise_survives_the_plan(promise):
    """What plan.json holds gives it back."""
    assert promise == promise_of(promise_document(promise))

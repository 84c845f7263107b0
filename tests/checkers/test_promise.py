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
    loses_writes_younger_than_s,
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


def written(when, value="new", **told):
    """A write of session b that was acknowledged then, over a value that is older than any window."""
    before = op("write", at(1.8), session="b", seen="alive", value="old")
    return [
        *ON_VICTIM,
        later("a", "alive"),
        *ELSEWHERE,
        before,
        op("write", at(when), session="b", seen="alive", value=value, **told),
    ]


def shows(value):
    """What session b holds in the end."""
    return later("b", "alive", value=value, has_value=True)


YOUNG = loses_nothing(but_writes_younger_than_s=2.0)


@pytest.mark.parametrize(
    ("when", "seen", "promised"),
    [
        (ONSET - 0.5, "old", True),  # lost, and young enough
        (ONSET - 0.5, "new", True),  # kept: nothing forbids it
        (ONSET - 1.95, "old", True),
        (ONSET - 2.2, "old", False),  # acknowledged a moment too early
        (HEAL - 0.5, "old", True),  # by whoever was about to be replaced
        (HEAL + 0.1, "old", False),  # the fault was over
        (ONSET - 0.5, "never written", False),
    ],
)
def test_only_what_is_young_may_be_lost(when, seen, promised):
    """By when it was acknowledged; the gates count it all the same."""
    operations = [*written(when), shows(seen)]

    assert kept(YOUNG, *operations) is promised
    assert (kept(loses_nothing(), *operations) is True) == (seen == "new")
    assert run(*operations, promise=YOUNG).verdict.value == ("pass" if seen == "new" else "fail")


def test_a_read_that_saw_the_young_write_does_not_make_it_old():
    """What was seen just before the fault may be gone after it; what was seen earlier may not."""
    seen = op("read", at(ONSET - 0.2), session="b", seen="alive", value="new", has_value=True)
    early = op("read", at(2.8), session="b", seen="alive", value="new", has_value=True)

    assert kept(YOUNG, *written(ONSET - 0.5), seen, shows("old")) is True
    assert kept(YOUNG, *written(2.3), early, shows("old")) is False


def test_a_young_write_excuses_no_old_one():
    """A session that writes all the time is held to what it wrote before."""
    old = op("increment", at(2.0), session="b", seen="alive", counter=1)
    young = op("increment", at(ONSET - 0.5), session="b", seen="alive", counter=2)
    fine = [*ON_VICTIM, later("a", "alive"), *ELSEWHERE, old, young]

    assert kept(YOUNG, *fine, later("b", "alive", counter=1)) is True
    assert kept(YOUNG, *fine, later("b", "alive", counter=0)) is False


def test_a_young_login_may_be_lost_and_a_young_logout_undone():
    """They are writes as well; an older session is not lost for being used lately."""
    fine = [*ON_VICTIM, later("a", "alive"), later("b", "alive"), *ELSEWHERE]
    born = [op("login", at(ONSET - 0.5), session="n", user="n"), op("read", at(ONSET - 0.3), session="n", seen="alive")]
    out = [op("logout", at(ONSET - 0.5), session="c"), later("c", "alive", 17)]

    assert kept(YOUNG, *fine, *born, lost("n")) is True
    assert kept(YOUNG, *ON_VICTIM, later("a", "alive"), later("b", "alive"), *session("c", "app-2"), *out) is True
    assert kept(YOUNG, *written(ONSET - 0.5), lost("b")) is False


def test_a_promise_to_lose_what_is_young_needs_a_loss():
    """A window that nobody fell into was not shown to be open."""
    window = loses_writes_younger_than_s(2.0)

    assert kept(window, *written(ONSET - 0.5), shows("old")) is True
    assert kept(window, *written(ONSET - 0.5), shows("new")) is False
    assert kept(window, *written(2.3), shows("old")) is False
    assert "last 2 s before the fault" in window.sentence


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
     loses_all_even_without_fault(), loses_nothing(but_writes_younger_than_s=2.0), loses_writes_younger_than_s(1.5)],
)  # fmt: skip
def test_a_promise_survives_the_plan(promise):
    """What plan.json holds gives it back."""
    assert promise == promise_of(promise_document(promise))


TWO = (killed("app-1", start_ns=5 * 10**9, end_ns=6 * 10**9), killed("app-2", start_ns=9 * 10**9, end_ns=10 * 10**9))


def test_with_two_faults_each_loses_its_own_victims():
    """Lost at the first, lost at the second; nobody else."""
    both = [*session("a", "app-1"), lost("a"), *session("b", "app-2"), lost("b")]
    other = [*session("c", "app-3"), later("c", "alive", replica="app-3")]

    assert kept(loses_exactly_the_victims(), *both, *other, faults=TWO) is True
    assert kept(loses_exactly_the_victims(), *both, *session("c", "app-3"), lost("c"), faults=TWO) is False


def test_a_loss_at_another_fault_does_not_stand_for_the_one_that_was_due():
    """On app-1, alive after app-1 was killed and healed, gone only when app-2 was: the first did not lose it."""
    outlasted = [*session("a", "app-1"), later("a", "alive", 7, "app-1"), lost("a")]
    due = [*session("b", "app-1"), lost("b"), *session("c", "app-2"), lost("c")]

    assert kept(loses_exactly_the_victims(), *due, *outlasted, faults=TWO) is False
    assert kept(loses_exactly_the_victims(), *due, faults=TWO) is True

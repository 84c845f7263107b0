"""Failed requests and stuck users."""

import pytest
from tests.checkers.operations import judged, login, op
from tests.checkers.runs import HEAL, at, killed, later, run, session


@pytest.mark.parametrize(
    ("told", "failed"),
    [
        ({"outcome": "unknown"}, 1),
        ({"outcome": "unknown", "status": 502}, 1),
        ({"outcome": "ok", "status": 500, "seen": "alive"}, 1),
        ({"outcome": "fail"}, 1),
        ({"outcome": "fail", "status": 503}, 1),
        ({"outcome": "fail", "status": 403}, 0),
        ({"outcome": "fail", "status": 401, "seen": "anonymous"}, 0),
        ({"outcome": "ok", "seen": "alive"}, 0),
        ({"outcome": "unknown", "via": "replica:app-1"}, 0),
    ],
)
def test_refused_cut_timed_out_and_5xx_are_failed_requests(told, failed):
    """An app's definite "no" is an answer; only the balancer is judged."""
    judgement = judged(login(), op("read", (2, 3), **told))

    assert failed == judgement.tallies["failed-request"].count == judgement.counts.failed_requests


def test_each_failed_request_counts_and_none_is_gated_by_default():
    """They are no lost sessions."""
    judgement = judged(login(), *(op("read", (i, i + 1), outcome="unknown") for i in range(2, 8, 2)),
                       op("read", (8, 9), seen="alive"))  # fmt: skip

    assert 3 == judgement.tallies["failed-request"].count
    assert "pass" == judgement.verdict


def test_a_user_none_of_whose_requests_succeeded_after_heal_is_stuck():
    """While others' did."""
    stuck = [*session("a"), op("read", at(HEAL + 1), session="a", outcome="unknown")]
    helped = [*session("b"), later("b", "alive")]

    assert 1 == run(*stuck, *helped).tallies["stuck-user"].count
    assert 0 == run(*stuck, *session("b"), later("b", None, outcome="unknown")).tallies["stuck-user"].count
    assert 0 == run(*stuck, later("a", "alive"), *helped).tallies["stuck-user"].count


def test_a_user_who_is_told_that_the_session_is_gone_is_not_stuck():
    """It lost its session: one loss, one name."""
    judgement = run(
        *session("a"), later("a", "anonymous", outcome="fail", status=401), *session("b"), later("b", "alive")
    )

    assert {"lost-session": 1} == {a.value: t.count for a, t in judgement.tallies.items() if t.count}


def test_a_user_who_asked_nothing_after_heal_is_not_stuck_but_unknown():
    """Nobody knows."""
    judgement = run(*session("a"), *session("b"), later("b", "alive"))

    assert 0 == judgement.tallies["stuck-user"].count
    assert "inconclusive" == judgement.verdict


def test_nobody_is_stuck_while_the_fault_lasts():
    """Without an end of the fault there is no heal."""
    failing = [
        *session("a"),
        op("read", at(HEAL + 1), session="a", outcome="unknown"),
        *session("b"),
        later("b", "alive"),
    ]

    assert 0 == run(*failing, faults=(killed(end_ns=None),)).tallies["stuck-user"].count

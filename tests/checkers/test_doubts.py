"""Doubts: why a session may not be called fine although nothing is wrong with it."""

import pytest
from tests.checkers.operations import alive, lines, login, op
from tests.checkers.runs import HEAL, at, later, run, session

HELPED = [*session("z"), later("z", "alive")]
NOT_ASKED = "it was never asked after heal"


def doubts(*operations, **told):
    """Why the session "a" may not be called fine."""
    return lines(run(*HELPED, *operations, **told))["a"].reasons


@pytest.mark.parametrize(
    ("answers", "reasons"),
    [
        ({"outcome": "fail", "status": 401}, ("no operation of it was acknowledged",)),
        ({"outcome": "fail", "status": 401, "seen": "alive"}, (NOT_ASKED,)),
        (
            {"outcome": "fail", "status": 401, "seen": "anonymous"},
            ("it was only ever seen gone, and no login of it is recorded",),
        ),
        ({"outcome": "unknown"}, ("no operation of it was acknowledged",)),
        ({"seen": "alive"}, (NOT_ASKED,)),
        ({}, (NOT_ASKED,)),
    ],
)
def test_what_shows_a_session_without_a_login(answers, reasons):
    """Any answer that saw it, or that it was acknowledged to; a refusal that saw it gone shows that alone."""
    assert reasons == doubts(op("read", at(2), session="a", **answers))


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        (op("read", at(2), session="a", seen="alive"), True),
        (op("read", at(2), session="a"), True),
        (op("write", at(2), session="a", value="v", outcome="unknown"), False),
        (op("increment", at(2), session="a"), False),
    ],
)
def test_a_session_that_was_read_was_asked_after_its_login(answer, asked):
    """Whatever the read told; what only changed it showed nothing."""
    told = lines(run(login(at(1), session="a"), answer, faults=()))["a"].reasons

    assert asked == ("it was never asked after its login" not in told)


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ({"seen": "alive"}, True),
        ({"seen": "alive", "outcome": "fail", "status": 500}, True),
        ({}, True),
        ({"outcome": "unknown"}, False),
        ({"seen": "alive", "via": "store"}, False),
        ({"via": "replica:app-1"}, False),
    ],
)
def test_any_answer_through_the_balancer_is_asking(told, asked):
    """From the instant after heal on."""
    before = [login(at(1), session="a"), alive(at(2), session="a")]

    assert asked == (NOT_ASKED not in doubts(*before, op("read", at(HEAL + 1), session="a", **told)))
    assert NOT_ASKED in doubts(*before, op("read", at(HEAL), session="a", **told))


def test_a_missing_asset_is_an_answer_too():
    """It is wrong, and it came."""
    before = [login(at(1), session="a"), alive(at(2), session="a")]

    assert () == doubts(*before, op("asset", at(HEAL + 1), session="a", status=404, path="/a.css"))

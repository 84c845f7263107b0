"""What an HTTP answer, or the lack of one, proves."""

from __future__ import annotations

import pytest

from outlast.history.operation import Outcome
from outlast.history.outcome import TransportFailure, outcome_of_failure, outcome_of_status


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_every_2xx_is_ok(status):
    """The app says that it was done."""
    assert Outcome.OK == outcome_of_status(status)


@pytest.mark.parametrize("status", [100, 301, 302, 400, 404, 408, 409, 429, 500, 502, 503, 504, 599, 0])
def test_what_was_not_declared_definite_is_unknown(status):
    """A 502 may hide a write that was done; a 429 too, if a retry in between caused it."""
    assert Outcome.UNKNOWN == outcome_of_status(status)


def test_a_declared_status_is_a_sure_failure():
    """Only the driver knows which of its app's statuses promise that nothing was done."""
    assert Outcome.FAIL == outcome_of_status(401, definite=(401,))
    assert Outcome.UNKNOWN == outcome_of_status(403, definite=(401,))


def test_no_5xx_can_be_declared_definite():
    """A balancer answers 5xx for an app that had already done it."""
    assert Outcome.UNKNOWN == outcome_of_status(503, definite=(503,))


def test_only_a_refused_connection_surely_sent_nothing():
    """A timeout or a reset comes after the request went out."""
    outcomes = {failure: outcome_of_failure(failure) for failure in TransportFailure}

    assert {TransportFailure.REFUSED} == {f for f, outcome in outcomes.items() if outcome is Outcome.FAIL}
    assert {Outcome.FAIL, Outcome.UNKNOWN} == set(outcomes.values())

"""A load is refused when it makes no sense."""

from __future__ import annotations

import pytest

from outlast.errors import UsageError
from outlast.workloads.workload import Load, Mix


@pytest.mark.parametrize("field", ["sessions", "users", "seconds", "rate", "timeout_s", "costly_s", "login_rate"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_a_load_of_nothing_or_without_end(field, value):
    """The message names the field."""
    with pytest.raises(UsageError, match=field):
        Load(**{field: value})


@pytest.mark.parametrize("mix", [{"read": -1}, {"read": 0, "write": 0, "increment": 0, "logout": 0}])
def test_a_mix_of_nothing(mix):
    """Some weight must be above zero."""
    with pytest.raises(UsageError, match="mix"):
        Mix(**mix)


def test_the_floor_is_half_the_rate_unless_it_is_given():
    """Below it a run is inconclusive."""
    assert Load(rate=300).rate_floor == 150
    assert Load(rate=300, minimum_rate=200).rate_floor == 200


def test_a_slow_write_must_be_answerable():
    """One that sleeps longer than anyone waits would only make unknown outcomes."""
    with pytest.raises(UsageError, match="never be answered within 1 s"):
        Load(timeout_s=1, slow_s=1, mix=Mix(slow=1))
    Load(timeout_s=1, slow_s=1)


@pytest.mark.parametrize("clients", [0, -1, 7])
def test_users_who_share_a_session_are_as_many_for_each(clients):
    """Else some sessions would have fewer than the experiment says."""
    with pytest.raises(UsageError, match="multiple of clients"):
        Load(users=60, clients=clients)
    Load(users=60, clients=3)


@pytest.mark.parametrize("rate", [-1, float("nan"), float("inf")])
def test_a_costly_session_has_a_rate(rate):
    """None is zero; the message names the field."""
    with pytest.raises(UsageError, match="costly_rate"):
        Load(costly_rate=rate)
    Load(costly_rate=0)


def test_slow_logins_are_waited_for():
    """Twice as long as their rate asks for, and a minute at the least."""
    assert 60 == Load().login_s_most == Load(sessions=300, login_rate=100).login_s_most
    assert 1200 == Load(sessions=300, login_rate=0.5).login_s_most

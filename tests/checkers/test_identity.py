"""Whose session it is: any answer with another user's name is a leak."""

import pytest
from tests.checkers.operations import alive, found, gone, judged, login, op


def test_an_answer_that_names_another_user_is_a_leak():
    """One is enough."""
    assert {"session-leak"} == found(login(user="ann"), alive((2, 3), user="bob"))
    assert set() == found(login(user="ann"), alive((2, 3), user="ann"))


@pytest.mark.parametrize(
    "answer",
    [
        alive((2, 3), user="bob", jar="kept"),
        op("write", (2, 3), user="bob", value="v", seen="alive"),
        op("read", (2, 3), user="bob", outcome="fail", status=500),
    ],
)
def test_any_answer_counts(answer):
    """Whichever cookie was shown, whatever was asked, whatever it came to."""
    assert "session-leak" in found(login(user="ann"), alive((1, 2), user="ann"), answer)


def test_an_answer_past_the_balancer_does_not():
    """Only the balancer is judged."""
    assert set() == found(login(user="ann"), alive((2, 3)), alive((4, 5), user="bob", via="replica:app-1"))


def test_where_no_login_is_recorded_two_names_contradict_each_other():
    """One of them must be wrong."""
    assert {"session-leak"} == found(alive((2, 3), user="ann"), alive((4, 5), user="bob"))
    assert set() == found(alive((2, 3), user="ann"), alive((4, 5), user="ann"))


def test_a_leak_is_gated_whatever_the_gates_say():
    """It can be waived by nobody: even a session that logged out and is gone may not show another's name."""
    assert "fail" == judged(login(user="ann"), op("logout", (2, 3)), gone((4, 5), user="bob")).verdict

"""What other sessions of the user can do to a session: log it out everywhere, or log in once too often."""

from tests.checkers.operations import alive, found, gone, login, logout


def everywhere(at, **told):
    """A logout of all sessions of the user, sent in session t."""
    return logout(at, session="t", scope="user", **told)


def theirs(at=(0, 1), user="u"):
    """The login of session t."""
    return login(at, user=user, session="t")


def test_a_logout_everywhere_explains_that_the_users_other_sessions_are_gone():
    """Ok or unknown; of the same user alone."""
    mine = [login(), alive((2, 3)), gone((8, 9))]

    assert set() == found(*mine, theirs(), everywhere((4, 5)))
    assert set() == found(*mine, theirs(), everywhere((4, None), outcome="unknown"))
    assert {"lost-session"} == found(*mine, theirs(user="v"), everywhere((4, 5)))
    assert {"lost-session"} == found(*mine, theirs(), logout((4, 5), session="t"))
    assert {"lost-session"} == found(*mine, theirs(), everywhere((4, 5), outcome="fail"))


def test_a_session_alive_after_an_acknowledged_logout_everywhere_is_resurrected():
    """If it surely existed when that began."""
    assert {"resurrected-session"} == found(login(), alive((6, 7)), theirs(), everywhere((2, 3)))


def test_a_logout_everywhere_that_was_over_before_the_login_began_ends_nothing():
    """Nor does one that overlaps it have to."""
    assert {"login-not-stored"} == found(login((4, 5)), gone((6, 7)), theirs(), everywhere((2, 3)))
    assert set() == found(login((4, 5)), alive((8, 9)), theirs(), everywhere((2, 4)))
    assert set() == found(login((4, 5)), gone((8, 9)), theirs(), everywhere((2, 4)))


def test_a_login_too_many_explains_that_the_oldest_session_is_gone():
    """With one session per user the next login may end it; not before it was invoked, nor another user's."""
    mine = [login(), alive((2, 3)), gone((6, 7))]

    assert {"lost-session"} == found(*mine, theirs((4, 5)))
    assert set() == found(*mine, theirs((4, 5)), max_sessions_per_user=1)
    assert {"lost-session"} == found(*mine, theirs((8, 9)), max_sessions_per_user=1)
    assert {"lost-session"} == found(*mine, theirs((4, 5), user="v"), max_sessions_per_user=1)


def test_a_session_is_the_oldest_only_if_so_many_are_newer():
    """With two sessions per user one newer login ends at most a session that is older still."""
    mine = [login(), alive((2, 3)), gone((8, 9))]
    third = login((6, 7), session="w")

    assert {"lost-session"} == found(*mine, theirs((4, 5)), max_sessions_per_user=2)
    assert set() == found(*mine, theirs((4, 5)), third, max_sessions_per_user=2)


def test_a_logout_everywhere_that_saw_no_session_proves_nothing():
    """The app may not have known whose sessions to end; it may have known all the same."""
    nobodys = everywhere((4, 5), seen="anonymous")

    assert set() == found(login(), theirs(), nobodys, alive((6, 7)))
    assert set() == found(login(), theirs(), nobodys, gone((6, 7)))


def test_a_login_after_which_the_oldest_session_was_still_alive_did_not_end_it():
    """Else one login of the user would excuse every later loss. One that was not over by then may still have."""
    mine = [login(), alive((6, 7)), gone((8, 9))]
    one = {"max_sessions_per_user": 1}

    assert {"lost-session"} == found(*mine, theirs((2, 3)), **one)
    assert set() == found(*mine, theirs((2, 6)), **one)
    assert set() == found(*mine, login((2, None), session="t", outcome="unknown"), **one)


def test_a_login_after_the_loss_does_not_explain_it():
    """The user logs in again; but that was not what ended the session. One that overlaps the loss may be."""
    mine = [login(), theirs((2, 3)), alive((6, 7)), gone((8, 9))]

    assert {"lost-session"} == found(*mine, login((10, 11), session="w"), max_sessions_per_user=1)
    assert set() == found(*mine, login((9, 11), session="w"), max_sessions_per_user=1)

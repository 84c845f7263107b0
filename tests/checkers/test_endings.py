"""What other sessions of the user can do to a session: log it out everywhere, or log in once too often."""

from tests.checkers.operations import alive, found, gone, judged, login, logout


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

    assert {"lost-session"} == found(*mine, theirs((4, 5)), login((10, 11), session="w"), max_sessions_per_user=2)


def test_an_answer_that_ends_as_the_login_too_many_begins_may_have_come_after_it():
    """Ties are concurrent."""
    mine = [login(), alive((2, 3))]

    assert set() == found(*mine, gone((4, 6)), theirs((6, 7)), max_sessions_per_user=1)
    assert {"lost-session"} == found(*mine, gone((4, 5)), theirs((6, 7)), max_sessions_per_user=1)


def test_only_newer_logins_can_make_a_session_the_oldest_of_too_many():
    """One that was over before this session's login began is older; one of unknown outcome may be newer for ever."""
    mine = [login((4, 5)), alive((6, 7)), gone((8, 9))]

    assert {"lost-session"} == found(theirs((2, 3)), *mine, max_sessions_per_user=1)
    assert set() == found(theirs((2, 6)), *mine, max_sessions_per_user=1)
    assert set() == found(login((2, 3), session="t", outcome="unknown"), *mine, max_sessions_per_user=1)
    assert {"lost-session"} == found(login((2, 3), session="t", outcome="fail"), *mine, max_sessions_per_user=1)


def test_of_several_users_each_has_its_own_sessions():
    """Whatever the order in which they logged in."""

    def of(user, mine, newer):
        return [
            login((0, 1), user=user, session=mine), alive((2, 3), session=mine), gone((8, 9), session=mine),
            login((4, 5), user=user, session=newer), alive((8, 9), session=newer),
        ]  # fmt: skip

    alone = [login((0, 1), user="c", session="c"), alive((2, 3), session="c"), gone((8, 9), session="c")]
    judgement = judged(*of("b", "b1", "b2"), *alone, *of("a", "a1", "a2"), max_sessions_per_user=1)

    assert ["c"] == [f.session for f in judgement.findings]


def test_a_logout_everywhere_is_that_of_whoever_sent_it():
    """Told by its session's login, or by itself where no login is recorded; by nothing, it ends nobody's."""
    mine = [login(), alive((2, 3)), gone((8, 9))]

    assert set() == found(*mine, everywhere((4, 5), user="u"))
    assert {"lost-session"} == found(*mine, everywhere((4, 5), user="v"))
    assert {"lost-session"} == found(*mine, everywhere((4, 5)))
    assert {"lost-session"} == found(alive((2, 3)), gone((8, 9)), theirs(), everywhere((4, 5)))


def test_the_first_logout_that_can_have_ended_it_is_the_one_that_is_told():
    """Its own or another session's; of those that surely did, the one that was over first."""

    def told(*logouts):
        judgement = judged(login(), theirs(), *logouts, alive((20, 21)))
        return [f.rows for f in judgement.findings if f.anomaly == "resurrected-session"]

    assert [(0, 2, 4)] == told(logout((4, 5)), logout((6, 7)))
    assert [(0, 3, 4)] == told(logout((6, 7)), logout((4, 5)))
    assert [(0, 2, 4)] == told(logout((2, 7)), logout((3, 8)))
    assert [(0, 1, 2, 4)] == told(everywhere((4, 5)), everywhere((6, 7)))
    assert [(0, 1, 3, 4)] == told(everywhere((6, 7)), everywhere((4, 5)))
    assert [(0, 2, 4)] == told(logout((4, 5)), everywhere((6, 7)))
    assert [(0, 1, 3, 4)] == told(logout((6, 7)), everywhere((4, 5)))


def test_clock_error_can_put_a_logout_everywhere_before_or_after_a_login():
    """Then it neither must nor cannot have ended the session."""
    late = [theirs(), login((4, 5)), everywhere((7, 8)), alive((20, 21))]
    early = [theirs(), login((6, 7)), everywhere((3, 4)), alive((8, 9)), gone((20, 21))]

    assert {"resurrected-session"} == found(*late)
    assert set() == found(*late, clock_error_ns=1)
    assert {"lost-session"} == found(*early)
    assert set() == found(*early, clock_error_ns=1)

"""Login, use and logout: what explains that a session was seen gone, and what that it was seen alive."""

import pytest
from tests.checkers.operations import alive, found, gone, judged, login, logout, op, recreated, wrote


def test_gone_and_never_alive_again_is_lost():
    """Nothing explains it."""
    assert {"lost-session"} == found(login(), alive((2, 3)), gone((4, 5)))


def test_a_new_session_in_its_place_is_recreated():
    """One such answer names it, whichever came first."""
    assert {"recreated-session"} == found(login(), alive((2, 3)), recreated((4, 5)))
    assert {"recreated-session"} == found(login(), alive((2, 3)), gone((4, 5)), recreated((6, 7)))


def test_never_alive_after_an_acknowledged_login_is_not_stored():
    """Not even a new session in its place makes it a lost one."""
    assert {"login-not-stored"} == found(login(), gone((2, 3)))
    assert {"login-not-stored"} == found(login(), recreated((2, 3)))


def test_gone_and_alive_later_is_flickering():
    """Without a logout."""
    assert {"flickering-session"} == found(login(), gone((2, 3)), alive((4, 5)))


def test_gone_answers_that_overlap_an_alive_one_are_no_flicker():
    """Nobody knows which came first: it is lost."""
    assert {"lost-session"} == found(login(), alive((2, 8)), gone((3, 4)))
    assert {"flickering-session"} == found(login(), alive((2, 3)), gone((4, 5)), alive((6, 7)))


def test_a_session_can_flicker_and_then_be_lost():
    """Two losses, two findings."""
    assert {"flickering-session", "lost-session"} == found(
        login(), alive((2, 3)), gone((4, 5)), alive((6, 7)), gone((8, 9))
    )


@pytest.mark.parametrize("outcome", ["ok", "unknown"])
def test_a_logout_explains_what_came_after_it_was_invoked(outcome):
    """Also one whose outcome is unknown: it may kill at any time, and never must."""
    out = logout((4, 5), outcome=outcome)

    assert set() == found(login(), alive((2, 3)), out, gone((6, 7)))
    assert set() == found(login(), alive((2, 3)), out, gone((3, 4)))
    assert {"lost-session"} == found(login(), alive((1, 2)), gone((2, 3), session="s"), out) - {"flickering-session"}


def test_a_failed_logout_explains_nothing():
    """It surely did not take effect."""
    assert {"lost-session"} == found(login(), alive((2, 3)), logout((4, 5), outcome="fail"), gone((6, 7)))


def test_alive_after_an_acknowledged_logout_is_resurrected():
    """One that began before its end is fine."""
    assert {"resurrected-session"} == found(login(), logout((2, 3)), alive((4, 5)))
    assert set() == found(login(), logout((2, 4)), alive((4, 5)))


def test_an_unknown_logout_never_must_take_effect():
    """Alive after it proves nothing; alive after it was seen to have worked does."""
    unknown = [login(), logout((2, None), outcome="unknown")]

    assert set() == found(*unknown, alive((4, 5)))
    assert {"resurrected-session"} == found(*unknown, gone((4, 5)), alive((6, 7)))


def test_a_logout_had_taken_effect_when_an_answer_showed_it():
    """Logout ok [0,10], anonymous [1,2], alive [3,4]: it had by 2."""
    assert {"resurrected-session"} == found(login((-2, -1)), logout((0, 10)), gone((1, 2)), alive((3, 4)))


def test_an_answer_that_began_before_the_login_was_acknowledged_may_have_come_too_early():
    """The session need not have existed."""
    assert set() == found(login((2, 5)), gone((5, 6)), alive((7, 8)))
    assert {"flickering-session"} == found(login((2, 5)), gone((6, 7)), alive((8, 9)))


def test_a_login_of_unknown_outcome_promises_nothing():
    """An orphan session may exist; no session is lost."""
    assert set() == found(login((0, None), outcome="unknown"), gone((2, 3)))


def test_a_failed_request_is_not_evidence_of_loss():
    """But an answer with a definite "no" and no session is."""
    refused = op("read", (4, 5), outcome="fail", status=503)

    assert set() == found(login(), alive((2, 3)), refused)
    assert {"lost-session"} == found(login(), alive((2, 3)), gone((4, 5), outcome="fail", status=401))


def test_a_session_that_only_the_kept_cookie_finds_was_evicted_at_the_client():
    """The answer that hid it took the cookie away."""
    hidden = [login(), alive((2, 3)), gone((4, 5), cookie="deleted")]

    assert {"client-evicted"} == found(*hidden, gone((6, 7)), alive((8, 9), jar="kept"))
    assert {"lost-session"} == found(*hidden, gone((6, 7)), gone((8, 9), jar="kept"))


def test_if_the_browser_finds_it_again_it_flickered():
    """Whatever the answer did to the cookie."""
    assert {"flickering-session"} == found(login(), alive((2, 3)), gone((4, 5), cookie="replaced"), alive((6, 7)))


def test_if_the_cookie_was_left_alone_nobody_was_evicted():
    """The kept cookie is the same one: it flickered."""
    assert {"flickering-session"} == found(login(), alive((2, 3)), gone((4, 5)), alive((6, 7), jar="kept"))


@pytest.mark.parametrize("via", ["store", "replica:app-1"])
def test_an_answer_past_the_balancer_is_no_proof(via):
    """A replica or the store says where a loss is, not that there is one."""
    assert set() == found(login(), alive((2, 3)), gone((4, 5), via=via))
    assert {"lost-session"} == found(login(), alive((2, 3)), gone((4, 5)), alive((6, 7), via=via))


def test_a_logins_own_answer_is_no_proof_of_life():
    """It shows what was made, not what was kept."""
    assert {"login-not-stored"} == found(login(seen="alive"), gone((2, 3)))


def test_a_write_to_a_session_that_is_gone_is_the_same_loss():
    """Counted once."""
    judgement = judged(login(), alive((2, 3)), wrote("a", (4, 5)), gone((6, 7)), gone((8, 9)), recreated((10, 11)))

    assert {"recreated-session": 1} == {a.value: t.count for a, t in judgement.tallies.items() if t.count}


def test_a_lost_sessions_witness_fails_alone():
    """At most six operations: it was born, it was alive, it was gone."""
    operations = [
        login(),
        *(alive((i, i + 1)) for i in range(2, 100, 2)),
        *(gone((i, i + 1)) for i in range(200, 300, 2)),
    ]
    finding = judged(*operations).findings[0]

    assert len(finding.rows) <= 6
    assert (200, 201) == (operations[finding.rows[-1]].invoked_ns, operations[finding.rows[-1]].returned_ns)
    assert {"lost-session"} == found(*(operations[row] for row in finding.rows))
    assert "saw it alive, yet" in finding.because


def test_a_session_whose_login_is_not_recorded_existed_before_all_its_answers():
    """Its name is that of a login. It must have been seen alive: else there may never have been one."""
    assert {"flickering-session"} == found(gone((1, 2)), alive((3, 4)))
    assert {"lost-session"} == found(gone((1, 4)), alive((2, 3)))
    assert {"resurrected-session"} == found(logout((0, 10)), gone((1, 2)), alive((3, 4)))
    assert set() == found(gone((1, 2)))
    assert set() == found(login((0, None), outcome="unknown"), gone((1, 2)), alive((3, 4)))


def test_a_resurrection_is_told_by_the_logout_where_that_is_enough():
    """Also if it was over at the very instant at which an answer showed it."""

    def told(*operations):
        return [f.rows for f in judged(login(), *operations).findings if f.anomaly == "resurrected-session"]

    assert [(0, 1, 3)] == told(logout((2, 3)), gone((4, 5)), alive((6, 7)))
    assert [(0, 1, 3)] == told(logout((2, 5)), gone((3, 5)), alive((6, 7)))
    assert [(1, 0, 2, 3)] == told(logout((2, 6)), gone((3, 5)), alive((6, 7)))


def test_whose_logout_it_was_is_told_wherever_it_was_recorded():
    """By the login of the session that sent it."""
    everywhere = op("logout", (4, 5), session="t", scope="user")
    judgement = judged(everywhere, login(), login((1, 2), session="t"), alive((6, 7)))

    assert [(1, 2, 0, 3)] == [f.rows for f in judgement.findings if f.anomaly == "resurrected-session"]


def test_an_answer_to_the_browser_at_the_same_instant_does_not_speak_against_an_eviction():
    """Ties are concurrent."""
    evicted = [login(), alive((2, 3)), gone((4, 6), cookie="deleted")]

    assert {"client-evicted"} == found(*evicted, alive((6, 7)), alive((8, 9), jar="kept"))
    assert {"flickering-session"} == found(*evicted, alive((7, 8)), alive((9, 10), jar="kept"))


def test_the_first_answer_that_showed_it_gone_gave_it_away():
    """Of several, in whatever order they were recorded; each session tells its own."""
    mine = [login(), alive((2, 3)), gone((6, 7)), gone((4, 5))]
    theirs = [login(session="t"), alive((2, 3), session="t"), gone((4, 5), session="t"), gone((6, 7), session="t")]
    judgement = judged(*mine, *theirs)

    assert [("s", (0, 1, 3)), ("t", (4, 5, 6))] == [(f.session, f.rows) for f in judgement.findings]

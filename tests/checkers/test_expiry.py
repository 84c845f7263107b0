"""Time to live: when a session may be gone for its age, and when it must be."""

from tests.checkers.operations import alive, found, gone, incremented, login, op, wrote

from outlast.history.history import Refresh

S = 1_000_000_000
TTL = {"ttl_s": 10.0, "granularity_s": 1.0}


def at(start, end=None):
    """Seconds."""
    return round(start * S), round((start + 0.1 if end is None else end) * S)


def test_gone_after_its_time_to_live_is_fine():
    """r.ret >= a.inv + TTL - granularity, for the last refresh a."""
    assert set() == found(login(at(0)), alive(at(1)), gone(at(11)), **TTL)
    assert set() == found(login(at(0)), alive(at(1)), gone(at(9.95, 10)), **TTL)
    assert {"lost-session"} == found(login(at(0)), alive(at(1)), gone(at(9, 9.99)), **TTL)


def test_every_acknowledged_use_moves_the_expiry():
    """If access refreshes it; one that is refused, or of unknown outcome, proves no refresh."""
    used = [login(at(0)), alive(at(5)), gone(at(11))]

    assert {"lost-session"} == found(*used, **TTL)
    assert set() == found(login(at(0)), op("read", at(5), outcome="unknown"), gone(at(11)), **TTL)
    assert set() == found(login(at(0)), op("read", at(5), outcome="fail", status=503), gone(at(11)), **TTL)


def test_only_writes_move_the_expiry_if_so_declared():
    """A read does not."""
    header = {**TTL, "ttl_refresh": Refresh.WRITE}

    assert set() == found(login(at(0)), alive(at(5)), gone(at(11)), **header)
    assert {"lost-session"} == found(login(at(0)), incremented(1, at(5)), gone(at(11)), **header)


def test_nothing_moves_an_absolute_expiry():
    """It counts from the login."""
    header = {**TTL, "ttl_refresh": Refresh.LOGIN}

    assert set() == found(login(at(0)), wrote("a", at(8)), gone(at(11)), **header)
    assert {"late-expiry"} == found(login(at(0)), alive(at(8)), alive(at(11.5)), **header)


def test_alive_after_the_last_possible_refresh_has_outlived_its_time():
    """By more than the granularity."""
    assert {"late-expiry"} == found(login(at(0)), alive(at(1)), alive(at(12.2)), **TTL)
    assert set() == found(login(at(0)), alive(at(1)), alive(at(12)), **TTL)


def test_an_unknown_use_may_still_refresh_it():
    """Nothing unknown may be outstanding."""
    assert set() == found(
        login(at(0)), alive(at(1)), op("read", (2 * S, None), outcome="unknown"), alive(at(30)), **TTL
    )


def test_sessions_do_not_expire_unless_the_header_says_so():
    """Without a time to live nothing is explained by age."""
    assert {"lost-session"} == found(login(at(0)), alive(at(1)), gone(at(99999)))


def test_clock_error_counts_against_both_alarms():
    """What is only just too early, or too late, may not have been."""
    assert set() == found(login(at(0)), alive(at(1)), gone(at(9, 9.99)), **TTL, clock_error_ns=S // 10)
    assert set() == found(login(at(0)), alive(at(1)), alive(at(12.2)), **TTL, clock_error_ns=S // 10)


def test_answers_at_one_time_do_not_excuse_each_other():
    """Each would have had to find the session alive before it could refresh it; an earlier one in time may have."""
    assert {"late-expiry"} == found(login(at(0)), alive(at(20, 22)), alive(at(21, 23)), **TTL)
    assert {"late-expiry"} == found(login(at(0)), alive(at(20, 22)), wrote("a", at(20, 22)), alive(at(22.5)), **TTL)
    assert set() == found(login(at(0)), alive(at(10, 22)), alive(at(21, 23)), **TTL)


def test_both_alarms_are_exact_to_the_nanosecond():
    """At the bound itself there is none."""
    mine = [login((0, 1)), alive((S, 2 * S))]

    assert set() == found(*mine, alive((13 * S, 13 * S)), **TTL)
    assert {"late-expiry"} == found(*mine, alive((13 * S + 1, 13 * S + 1)), **TTL)
    assert set() == found(*mine, gone((9 * S, 10 * S)), **TTL)
    assert {"lost-session"} == found(*mine, gone((9 * S, 10 * S - 1)), **TTL)


def test_a_refresh_is_whatever_was_over_before_it_was_asked():
    """The one that was invoked last, not the one that was over last; touching is concurrent."""
    assert {"lost-session"} == found(login(at(0)), alive(at(1, 6)), alive(at(2, 3)), gone(at(10, 10.5)), **TTL)
    assert set() == found(login(at(0)), alive(at(1, 6)), alive(at(2, 3)), gone(at(10, 11)), **TTL)
    assert set() == found(login(at(0)), alive(at(1)), alive(at(5, 9)), gone(at(9, 10)), **TTL)
    assert {"lost-session"} == found(login(at(0)), alive(at(1)), alive(at(5, 8.9)), gone(at(9, 10)), **TTL)


def test_nothing_refreshes_a_session_that_is_not_its_own():
    """Whatever the others do, and whoever is recorded first."""
    mine = [login(at(0)), alive(at(1)), gone(at(9, 9.5))]
    theirs = [login(at(0), session="t"), alive(at(8), session="t"), alive(at(18), session="t")]

    for operations in ([*mine, *theirs], [*theirs, *mine]):
        assert {"lost-session"} == found(*operations, **TTL)
    late = [login(at(0), session="z"), alive(at(20), session="z")]
    assert {"late-expiry"} == found(*theirs, *late, **TTL)
    assert {"late-expiry"} == found(*late, *theirs, **TTL)


def test_a_session_of_which_nothing_is_known_before_cannot_have_outlived_its_time():
    """Nobody tells when it began; a login that is still under way does not."""
    assert set() == found(alive(at(20)), **TTL)
    assert {"late-expiry"} == found(alive(at(1)), alive(at(20)), **TTL)
    assert set() == found(login(at(0, 20)), alive(at(20, 21)), **TTL)


def test_what_overlaps_an_answer_may_have_refreshed_it_before():
    """What began before it; who began no earlier would have had to find the session alive too."""
    mine = [login(at(0)), alive(at(1))]

    assert {"late-expiry"} == found(*mine, alive(at(20, 21)), **TTL)
    assert set() == found(*mine, op("read", (19 * S, 23 * S), outcome="unknown"), alive((20 * S, 21 * S)), **TTL)
    assert {"late-expiry"} == found(
        *mine, op("read", (20 * S, 23 * S), outcome="unknown"), alive((20 * S, 21 * S)), **TTL
    )

"""Affinity: a user's server may change once per fault, and not without one."""

from tests.checkers.operations import op
from tests.checkers.runs import at, killed, run


def flaps(*steps, faults=None):
    """(seconds, replica) of one session -> how many flaps were found."""
    login = op("login", at(0.1), replica=steps[0][1], user="u")
    answers = [op("read", at(*when), seen="alive", replica=replica) for when, replica in _spans(steps)]
    return run(login, *answers, faults=faults).tallies["affinity-flap"].count


def _spans(steps):
    return [(when if isinstance(when, tuple) else (when,), replica) for when, replica in steps]


def test_one_move_per_fault_is_excused():
    """The victim's users must go elsewhere, and may stay there."""
    assert 0 == flaps((1, "app-1"), (6, "app-2"), (16, "app-2"))
    assert 1 == flaps((1, "app-1"), (6, "app-2"), (16, "app-1"))


def test_two_faults_excuse_two_moves():
    """One after each onset."""
    twice = (killed(), killed("app-2", start_ns=11 * 10**9, end_ns=12 * 10**9))

    assert 0 == flaps((1, "app-1"), (6, "app-2"), (16, "app-1"), faults=twice)


def test_a_move_without_a_fault_is_not():
    """Not before the onset, and not in a run without faults."""
    assert 1 == flaps((1, "app-1"), (2, "app-2"))
    assert 1 == flaps((1, "app-1"), (6, "app-2"), faults=())


def test_it_is_counted_once_per_session_and_not_gated():
    """A session that wanders is one."""
    assert 1 == flaps((1, "app-1"), (2, "app-2"), (3, "app-1"), (4, "app-3"))


def test_one_fault_excuses_one_move_however_late_the_other_was_answered():
    """Two moves after the first fault, and between them one whose answer came after the second."""
    twice = (killed(), killed("app-2", start_ns=11 * 10**9, end_ns=12 * 10**9))

    assert 1 == flaps((1, "app-1"), (6, "app-2"), ((7, 13), "app-3"), (8, "app-1"), faults=twice)
    assert 0 == flaps((1, "app-1"), (6, "app-2"), ((7, 13), "app-3"), (8, "app-3"), faults=twice)

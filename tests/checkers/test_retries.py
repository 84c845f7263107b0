"""A retry under the same idempotency key is the same increment, whoever of its tries took effect."""

from tests.checkers.operations import counted, found, incremented, tried

LOST = {"outcome": "unknown", "seen": None}


def test_a_retry_of_what_was_executed_may_be_told_the_result_again():
    """It was executed at the first try, and only the answer was lost."""
    first = tried("a", (0, 1), **LOST)

    assert set() == found(first, counted(1, (2, 3)), tried("a", (4, 5), counter=1))
    assert set() == found(first, incremented(2, (2, 3)), tried("a", (4, 5), counter=1), counted(2, (6, 7)))


def test_a_retry_may_be_told_the_counter_as_it_is_now():
    """Others have counted on since."""
    assert set() == found(tried("a", (0, 1), **LOST), incremented(2, (2, 3)), tried("a", (4, 5), counter=2))


def test_a_retry_that_is_acknowledged_twice_counts_once():
    """With and without its result."""
    assert set() == found(tried("a", (0, 1)), tried("a", (4, 5)), counted(1, (6, 7)))
    assert set() == found(tried("a", (0, 1), counter=1), tried("a", (4, 5), counter=1), counted(1, (6, 7)))


def test_an_attempt_that_counts_twice_was_executed_twice():
    """No matter that it was tried twice."""
    tries = (tried("a", (0, 1), **LOST), tried("a", (4, 5)))

    assert {"duplicate-execution"} == found(*tries, counted(2, (6, 7)))
    assert set() == found(*tries, incremented(None, (4, 5)), counted(2, (6, 7)))


def test_an_acknowledged_attempt_counts_at_least_once():
    """By the end of the first try that was acknowledged."""
    assert {"lost-update"} == found(tried("a", (0, 1), **LOST), tried("a", (4, 5)), counted(0, (6, 7)))
    assert set() == found(tried("a", (0, 1)), tried("a", (4, 9)), counted(1, (2, 3)))
    assert {"lost-update"} == found(tried("a", (0, 1)), tried("a", (4, 9)), counted(0, (2, 3)))


def test_the_result_of_the_first_try_is_its_own():
    """No other try had begun by then."""
    first = tried("a", (0, 1), counter=1)

    assert {"lost-update"} == found(first, tried("b", (0, 1), counter=1), tried("a", (4, 5), counter=2))
    assert set() == found(first, tried("b", (0, 1), counter=2), tried("a", (4, 5), counter=2))


def test_one_key_in_two_sessions_is_two_attempts():
    """A key is unique in its session; a failed try is none."""
    assert {"lost-update"} == found(
        tried("a", (0, 1)), tried("a", (0, 1), session="t"), tried("b", (2, 3)), tried("b", (4, 5)), counted(1, (6, 7))
    )
    assert {"lost-update"} == found(tried("a", (0, 1), outcome="fail"), tried("a", (2, 3)), counted(0, (6, 7)))

"""The effect log: beginnings of one log, or not."""

import pytest
from tests.checkers.operations import found, judged, logged, login, read, tried, wrote


def test_each_read_shows_a_beginning_of_one_log():
    """x, then x y."""
    assert set() == found(login(), tried("x", (2, 3)), logged("x", (4, 5)), tried("y", (6, 7)), logged("xy", (8, 9)))


def test_one_attempt_twice_was_executed_twice():
    """A retry shows itself."""
    assert {"duplicate-execution"} == found(login(), tried("x", (2, 3)), logged("xx", (4, 5)))


def test_two_places_of_one_attempt_in_two_reads_too():
    """Where the reads agree otherwise."""
    assert {"duplicate-execution"} == found(
        login(), tried("x", (2, 3)), tried("y", (2, 6)), logged("x", (4, 5)), logged("yx", (6, 7), effects_offset=1)
    )


def test_an_acknowledged_attempt_missing_for_good_is_lost():
    """Missing from a later-begun read and from all after it; back in a later one, it was stale."""
    missing = [login(), tried("x", (2, 3)), logged("", (4, 5))]

    assert {"lost-update"} == found(*missing)
    assert {"lost-update"} == found(*missing, logged("", (6, 7)))
    assert {"stale-read"} == found(*missing, logged("x", (6, 7)))


def test_an_attempt_of_unknown_outcome_may_be_missing():
    """Until somebody saw it."""
    unknown = [login(), tried("x", (2, None), outcome="unknown", seen=None)]

    assert set() == found(*unknown, logged("", (4, 5)))
    assert {"lost-update"} == found(*unknown, logged("x", (4, 5)), logged("", (6, 7)))
    assert {"non-monotonic-read"} == found(*unknown, logged("x", (4, 5)), logged("", (6, 7)), logged("x", (8, 9)))


def test_neither_a_beginning_of_the_other_is_a_split_brain():
    """Two histories that cannot be one."""
    assert {"split-brain"} == found(
        login(), tried("x", (2, 9)), tried("y", (2, 9)), logged("xy", (10, 11)), logged("yx", (12, 13))
    )


def test_another_sessions_attempt_is_a_leak():
    """One is enough."""
    assert {"session-leak"} == found(login(), tried("z", (0, 9), session="t"), logged("z", (2, 3)))


@pytest.mark.parametrize(
    ("attempt", "expected"),
    [
        (tried("x", (2, 3), outcome="fail", seen=None), {"aborted-read"}),
        (tried("x", (6, 7)), {"future-read"}),
        (tried("y", (2, 3), outcome="unknown", seen=None), {"garbage-read"}),
    ],
)
def test_an_attempt_that_cannot_have_happened(attempt, expected):
    """It failed, had not begun, or nobody made it."""
    assert expected == found(login(), attempt, logged("x", (4, 5)))


def test_a_bounded_log_is_compared_where_both_reads_cover_it():
    """The log dropped its beginning: nothing is missing there."""
    bounded = [login(), tried("x", (2, 3)), tried("y", (4, 5)), logged("y", (6, 7), effects_offset=1)]

    assert set() == found(*bounded)
    assert {"split-brain"} == found(*bounded, tried("z", (4, 5)), logged("xz", (8, 9)))


def test_a_dropped_beginning_can_hide_only_what_was_tried():
    """Somebody must have filled the places that nobody saw."""
    assert {"duplicate-execution"} == found(login(), tried("y", (4, 5)), logged("y", (6, 7), effects_offset=1))


def test_what_came_after_the_dropped_beginning_must_be_seen():
    """z began after all that is hidden was over."""
    assert {"lost-update"} == found(
        login(), tried("x", (2, 3)), tried("y", (4, 5)), logged("xy", (6, 7)), tried("z", (8, 9)),
        logged("y", (10, 11), effects_offset=1),
    )  # fmt: skip


def test_a_retry_is_the_same_attempt():
    """The first try's outcome is unknown, the second is acknowledged: it took effect once."""
    assert set() == found(
        login(), tried("x", (2, 3), outcome="unknown", seen=None), tried("x", (4, 5)), logged("x", (6, 7))
    )


def test_writes_owe_a_log_entry_only_if_the_app_logs_writes():
    """An app that logs increments alone loses no write by it."""
    write = wrote("v", (2, 3), attempt="w")

    assert set() == found(login(), write, tried("x", (4, 5)), logged("x", (6, 7)))
    assert {"lost-update"} == found(
        login(), write, tried("x", (4, 5)), logged("x", (6, 7)),
        login(session="t"), wrote("u", (2, 3), attempt="k", session="t"), logged("k", (4, 5), session="t"),
    )  # fmt: skip


def test_the_witness_fails_alone():
    """Also where the log dropped its beginning."""
    operations = [
        login(), *(tried(chr(97 + i), (2 * i + 2, 2 * i + 3)) for i in range(20)),
        logged("abcdefghij", (100, 101)), logged("cdefghijkl", (102, 103), effects_offset=2),
    ]  # fmt: skip
    finding = judged(*operations).findings[0]

    assert "lost-update" == finding.anomaly
    assert {"lost-update"} <= found(*(operations[row] for row in finding.rows))


def test_nothing_from_some_position_on_may_be_a_shorter_log():
    """It covers no position: it proves neither that so many attempts were executed, nor that one is missing."""
    nothing = logged("", (6, 7), effects_offset=2)

    assert set() == found(login(), tried("x", (2, 3)), nothing)
    assert {"lost-update"} == found(login(), tried("x", (2, 3)), nothing, logged("", (8, 9)))


def test_a_write_that_need_not_be_logged_takes_no_place_from_an_increment_that_must():
    """Both can have filled the place that was dropped."""
    both = [wrote("v", (2, 3), attempt="w"), tried("i", (2, 4)), tried("z", (2, 4))]

    assert set() == found(login(), *both, logged("z", (5, 6), effects_offset=1), read("v", (7, 8)))
    assert {"duplicate-execution"} == found(login(), *both, logged("z", (5, 6), effects_offset=3), read("v", (7, 8)))
    assert {"lost-update"} == found(
        login(), *both, tried("j", (2, 4)), logged("z", (5, 6), effects_offset=1), read("v", (7, 8))
    )


def test_the_witness_of_a_retry_is_the_try_that_was_acknowledged_first():
    """The later one overlaps the read, and would prove nothing alone."""
    missing = judged(login(), tried("x", (5, 6)), tried("x", (2, 3)), logged("", (6, 9))).findings

    assert [(2, 3)] == [finding.rows for finding in missing]


def test_the_witness_of_a_dropped_beginning_is_the_whole_log():
    """Reads and tries of that session, in the order of the file; no other session's."""
    other = [login(session="t"), tried("k", (2, 3), session="t"), logged("k", (4, 5), session="t")]
    mine = [login(), tried("x", (2, 3), outcome="fail"), tried("y", (4, 5)), logged("y", (6, 7), effects_offset=1)]
    finding = judged(*other, *mine).findings[0]

    assert ("s", (5, 6)) == (finding.session, finding.rows)
    assert "No order of these 2 operations explains what they were told." == finding.because


def test_of_several_sessions_each_is_told_of_its_own_log():
    """Their logs are of different lengths, and one dropped its beginning."""
    longer = [login(session="t"), *(tried(c, (2 * i, 2 * i + 1), session="t") for i, c in enumerate("abcdef", 1))]
    longer += [logged("abcdef", (20, 21), session="t"), logged("cdef", (22, 23), session="t", effects_offset=2)]
    missing = [login(), tried("x", (2, 3)), logged("", (4, 5))]
    dropped = [login(session="v"), tried("p", (2, 3), session="v"), tried("q", (4, 5), session="v")]
    dropped += [logged("q", (6, 7), session="v", effects_offset=1)]

    assert ["s"] == [finding.session for finding in judged(*longer, *missing, *dropped).findings]
    assert ["s"] == [finding.session for finding in judged(*dropped, *missing, *longer).findings]

"""Counter: increments that tell their result, that do not, and both."""

from tests.checkers.operations import alive, counted, found, incremented, judged, login


def test_increments_in_a_row_are_fine():
    """1, 2, 3."""
    assert set() == found(
        login(), incremented(1, (2, 3)), incremented(2, (4, 5)), incremented(3, (6, 7)), counted(3, (8, 9))
    )


def test_two_increments_with_one_result_lost_an_update():
    """Even if they overlap."""
    assert {"lost-update"} == found(login(), incremented(1, (2, 3)), incremented(1, (2, 3)))


def test_an_acknowledged_increment_missing_from_a_later_value():
    """Counter-example: a read that overlaps it."""
    assert {"lost-update"} == found(login(), incremented(1, (2, 3)), counted(0, (4, 5)))
    assert set() == found(login(), incremented(1, (2, 4)), counted(0, (4, 5)))


def test_the_value_fell():
    """Two reads, whatever the increments between them came to."""
    unknown = incremented(None, (2, None), outcome="unknown", seen=None)

    assert {"lost-update"} == found(login(), unknown, counted(1, (4, 5)), counted(0, (6, 7)))


def test_an_unclaimed_value_needs_an_unknown_increment_of_its_own():
    """The j-th gap needs j of them, begun in time."""
    unknown = [incremented(None, (2, None), outcome="unknown", seen=None) for _ in range(2)]

    assert {"duplicate-execution"} == found(login(), incremented(2, (4, 5)))
    assert set() == found(login(), unknown[0], incremented(2, (4, 5)))
    assert {"duplicate-execution"} == found(login(), unknown[0], incremented(3, (4, 5)))
    assert set() == found(login(), *unknown, incremented(3, (4, 5)))


def test_an_increment_that_began_too_late_fills_no_gap():
    """It was invoked after the higher value was known."""
    assert {"duplicate-execution"} == found(
        login(), incremented(2, (4, 5)), incremented(None, (6, None), outcome="unknown", seen=None)
    )


def test_a_value_above_all_increments_was_executed_twice():
    """No increment had begun."""
    assert {"duplicate-execution"} == found(login(), counted(1, (2, 3)))
    assert {"duplicate-execution"} == found(login(), counted(10**15, (2, 3)))


def test_a_value_that_is_too_high_and_falls_again_is_wrong_twice():
    """No so many increments had begun; and then they were gone."""
    assert {"duplicate-execution", "lost-update"} == found(
        login(), incremented(1, (2, 3)), counted(3, (4, 5)), incremented(2, (6, 7))
    )


def test_an_increment_to_nothing_does_not_count_itself():
    """Its result is at least 1."""
    assert {"lost-update"} == found(login(), incremented(0, (2, 3)))


def test_a_failed_increment_did_not_happen():
    """It is no excuse for a higher value."""
    assert {"duplicate-execution"} == found(login(), incremented(None, (2, 3), outcome="fail"), counted(1, (4, 5)))


def test_blind_increments_must_all_be_there():
    """Between two reads, and before the first."""
    blind = [incremented(None, (2, 3)), incremented(None, (4, 5))]

    assert set() == found(login(), *blind, counted(2, (6, 7)))
    assert {"lost-update"} == found(login(), *blind, counted(1, (6, 7)))
    assert {"lost-update"} == found(login(), counted(0, (1, 2)), *blind[:1], counted(0, (6, 7)))
    assert {"duplicate-execution"} == found(login(), *blind, counted(3, (6, 7)))


def test_a_blind_increment_that_overlaps_a_read_may_be_in_it_or_not():
    """Not in both ways."""
    around = incremented(None, (2, 9))

    assert set() == found(login(), around, counted(0, (3, 4)), counted(1, (5, 6)))
    assert {"lost-update"} == found(login(), around, counted(1, (3, 4)), counted(0, (5, 6)))


def test_a_blind_increment_that_spans_two_reads_lies_between_no_others():
    """The exact rule: it may come before both, between, or after; then the next read must have it."""
    assert {"lost-update"} == found(
        login(), incremented(None, (2, 9)), counted(0, (3, 4)), counted(1, (5, 6)), counted(0, (10, 11))
    )


def test_increments_of_both_sorts_share_one_counter():
    """A result that nobody claims needs a blind increment, and each blind one needs a result."""
    assert set() == found(login(), incremented(None, (2, 3)), incremented(2, (4, 5)))
    assert {"lost-update"} == found(login(), incremented(None, (2, 3)), incremented(1, (4, 5)))
    assert {"duplicate-execution"} == found(login(), incremented(None, (6, 7)), incremented(2, (4, 5)))


def test_the_witness_of_a_fall_is_two_operations():
    """And fails alone."""
    operations = [login(), *(incremented(i, (2 * i, 2 * i + 1)) for i in range(1, 50)), counted(20, (200, 201))]
    finding = judged(*operations).findings[0]

    assert 2 == len(finding.rows)
    assert "finished before" in finding.because


def test_the_witness_of_a_result_that_nobody_claims_is_past_it():
    """Not an increment that happened to end at the same instant."""
    judgement = judged(incremented(1, (1, 2)), incremented(1, (3, 3)), counted(2, (3, 3)))
    shown = [f.rows for f in judgement.findings if f.anomaly == "duplicate-execution"]

    assert [(2,)] == shown


def test_the_witness_of_a_lost_blind_increment_is_two_reads_and_what_lies_between():
    """The sentence tells what was shown, how many lay between, and what was shown then."""
    before = [incremented(None, (2, 3)), incremented(None, (4, 5))]
    pair = [counted(2, (6, 7)), incremented(None, (8, 9)), counted(2, (10, 11))]
    late = [incremented(None, (11, 12)), counted(4, (20, 21))]
    finding = judged(login(), *before, *pair, *late).findings[0]

    assert (3, 4, 5) == finding.rows
    assert "The counter was 2, then 1 acknowledged increments finished" in finding.because
    assert finding.because.endswith("yet they leave it at 2.")


def test_with_no_read_before_the_counter_began_at_nothing():
    """What touches the read is not before it."""
    blind = [incremented(None, (2, 3)), incremented(None, (4, 5)), incremented(None, (5, 6)), incremented(None, (9, 9))]
    finding = judged(login(), *blind, counted(1, (6, 7))).findings[0]

    assert (1, 2, 5) == finding.rows
    assert "The counter was 0, then 2 acknowledged" in finding.because


def test_a_blind_session_with_a_value_too_high_tells_both_figures():
    """Those begun by its return, and no others."""
    other = [login(session="o"), *(incremented(None, (2, 3), session="o") for _ in range(5))]
    finding = judged(*other, login(), incremented(None, (2, 3)), counted(3, (6, 7))).findings[0]

    assert "shows 3, yet only 1 increments had begun" in finding.because
    early = [login(), incremented(None, (2, 3)), counted(2, (4, 5)), incremented(1, (6, 7))]
    told = [f.because for f in judged(*early).findings if f.anomaly == "duplicate-execution"]
    assert any("shows 2, yet only 1 increments had begun" in sentence for sentence in told)


def test_a_result_among_blind_increments_is_a_read_of_one_less_before():
    """Two blind ones lie before the increment that came to 2: it should have come to 3."""
    blind = [incremented(None, (2, 3)), incremented(None, (4, 5))]

    lost = judged(login(), *blind, incremented(2, (6, 7))).findings

    assert [("lost-update", (1, 2, 3))] == [(f.anomaly, f.rows) for f in lost]
    assert lost[0].because.endswith("yet they leave it at 1.")
    assert set() == found(login(), *blind, incremented(3, (6, 7)))
    assert set() == found(login(), *blind, incremented(3, (6, 7)), incremented(None, (8, 9)), counted(4, (10, 11)))


def test_of_many_increments_a_witness_shows_some():
    """And the sentence tells how many there were."""
    many = [incremented(None, (2 * i + 2, 2 * i + 3)) for i in range(40)]
    finding = judged(login(), *many, counted(0, (200, 201))).findings[0]

    assert 25 == len(finding.rows)
    assert " 40 " in finding.because


def test_the_witness_of_a_mixed_counter_is_all_of_it_and_nothing_else():
    """In the order of time, without the session's other operations and without another session's."""
    other = [login(session="o"), incremented(None, (2, 3), session="o"), incremented(2, (4, 5), session="o")]
    first, second = incremented(None, (10, 55)), incremented(None, (20, 55))
    mixed = [incremented(2, (50, 60)), second, first, incremented(None, (2, 3), outcome="fail"), alive((1, 70))]
    finding = judged(*other, login(), *mixed, counted(2, (57, 80))).findings[0]

    assert ("lost-update", "s", (6, 5, 4, 9)) == (
        finding.anomaly,
        finding.session,
        finding.rows,
    )
    assert finding.because.startswith("No order of these 4 operations")


def test_only_the_mixed_session_is_judged_as_one():
    """One that is told everything, and one that is told nothing, are nobody's excuse."""
    telling = [login(session="t"), incremented(1, (2, 3), session="t"), incremented(2, (4, 5), session="t")]
    silent = [login(session="q"), incremented(None, (2, 3), session="q"), counted(1, (4, 5), session="q")]
    mixed = [login(), incremented(None, (6, 7)), incremented(2, (4, 5))]

    assert {"duplicate-execution"} == found(*telling, *silent, *mixed)
    assert ["s"] == [finding.session for finding in judged(*telling, *silent, *mixed).findings]


def test_a_mixed_counter_higher_than_all_that_was_tried():
    """Exactly as many as were tried is not too many."""
    mixed = [login(), incremented(None, (2, 3)), incremented(2, (4, 5))]

    assert set() == found(*mixed, counted(2, (6, 7)))
    assert {"duplicate-execution"} == found(*mixed, counted(4, (6, 7)))


def test_in_a_mixed_counter_an_unknown_increment_may_fill_a_place_and_need_not():
    """A blind one that was acknowledged must."""
    unknown = incremented(None, (2, None), outcome="unknown", seen=None)
    blind = incremented(None, (2, 9))

    assert set() == found(login(), unknown, blind, incremented(2, (4, 5)))
    assert set() == found(login(), unknown, blind, incremented(3, (4, 5)))
    assert {"lost-update"} == found(login(), unknown, blind, incremented(1, (10, 11)), counted(1, (12, 13)))
    assert {"lost-update"} == found(login(), blind, incremented(1, (10, 11)))

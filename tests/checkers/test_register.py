"""Register with unique writes: which reads no single register can have answered."""

from dataclasses import replace

import numpy as np
import pytest
from tests.checkers.operations import alive, found, gone, judged, lines, login, names, op, read, wrote

from outlast.bench.big_history import big_history
from outlast.checkers import evidence, register
from outlast.checkers.sheet import sheet_of
from outlast.checkers.survey import survey_of
from outlast.checkers.told import told_of
from outlast.history.history import Header, History


def test_a_read_of_the_last_write_is_fine():
    """What was written is read."""
    assert set() == found(login(), wrote("a", (2, 3)), read("a", (4, 5)))


def test_overlapping_read_proves_nothing():
    """A read that began before the acknowledgement may miss the write."""
    assert set() == found(login(), wrote("a", (2, 5)), read(None, (5, 6)), read("a", (7, 8)))


def test_a_value_nobody_wrote_is_garbage():
    """Counter-example: the same read after a write of that value."""
    assert {"garbage-read"} == found(login(), read("x", (2, 3)))
    assert set() == found(login(), wrote("x", (1, 2)), read("x", (3, 4)))


def test_garbage_is_told_from_the_tokens_first_heard_before_and_after_it():
    """However near its number is to theirs."""
    assert {"garbage-read"} == found(
        login(), wrote("a", (2, 3)), read("a", (4, 5)), read("x", (6, 7)), wrote("b", (8, 9)), read("b", (10, 11))
    )


def test_another_sessions_token_is_a_leak():
    """Whatever the other write came to: the token is theirs."""
    theirs = wrote("b", (0, 9), session="t")

    assert {"session-leak"} == found(login(), theirs, read("b", (2, 3)))


@pytest.mark.parametrize("outcome", ["fail", "ok"])
def test_the_value_of_a_failed_write_is_an_aborted_read(outcome):
    """A failed write surely did not take effect; an acknowledged one did."""
    expected = {"aborted-read"} if outcome == "fail" else set()

    assert expected == found(login(), wrote("a", (2, 3), outcome=outcome), read("a", (4, 5)))


def test_a_read_that_returned_before_the_write_began_is_a_future_read():
    """One that overlaps it, if only by an instant, is fine."""
    assert {"future-read"} == found(login(), read("a", (2, 3)), wrote("a", (4, 5)))
    assert set() == found(login(), read("a", (2, 4)), wrote("a", (4, 5)), read("a", (6, 7)))


def test_an_unknown_write_nobody_saw_may_never_have_happened():
    """Deleted with its cluster."""
    assert set() == found(login(), wrote("a", (2, 3)), wrote("b", (4, None), outcome="unknown"), read("a", (6, 7)))


def test_an_unknown_write_somebody_saw_happened():
    """From then on the older value may not be shown."""
    seen = [login(), wrote("a", (2, 3)), wrote("b", (4, None), outcome="unknown"), read("b", (6, 7))]

    assert set() == found(*seen)
    assert {"non-monotonic-read"} == found(*seen, read("a", (8, 9)))


def test_an_unknown_write_may_take_effect_at_any_later_time():
    """Late, but linearizable: allowed under the default guarantee, and shown."""
    judgement = judged(
        login(), wrote("a", (2, 3), outcome="unknown"), wrote("b", (4, 5)), read("b", (6, 7)), read("a", (8, 9))
    )

    assert "pass" == judgement.verdict
    assert {"late-write": (1, 1)} == {
        a: (t.count, t.allowed) for a, t in judgement.tallies.items() if a in names(judgement)
    }


def test_touching_forward_zones_are_fine():
    """A value may end at the very instant at which the next begins."""
    assert set() == found(login(), wrote("a", (2, 3)), read("a", (5, 6)), wrote("b", (4, 5)), read("b", (7, 8)))


def test_a_backward_zone_strictly_inside_a_forward_one_is_not():
    """b was written entirely between the write of a and a read of a that began later."""
    assert {"lost-write"} == found(login(), wrote("a", (2, 3)), wrote("b", (4, 5)), read("a", (6, 7)))


def test_a_backward_zone_that_touches_the_end_of_a_forward_one_is_fine():
    """The write may take effect after the last read."""
    assert set() == found(login(), wrote("a", (2, 3)), wrote("b", (4, 6)), read("a", (6, 7)), read("b", (8, 9)))


def test_what_lies_between_does_not_hide_whom_a_write_contradicts():
    """b may be written after all of it: it is c that was written inside the time of a."""
    judgement = judged(login(), wrote("a", (2, 3)), wrote("b", (4, 30)), wrote("c", (10, 11)), read("a", (20, 21)))

    assert {"lost-write"} == names(judgement)
    assert {1, 3, 4} == set(judgement.findings[0].rows)


def test_concurrent_writes_may_come_in_either_order_but_only_one():
    """b then a is one order; b, a, b is none."""
    both = [login(), wrote("a", (2, 6)), wrote("b", (2, 6))]

    assert set() == found(*both, read("a", (7, 8)))
    assert set() == found(*both, read("b", (7, 8)))
    assert {"lost-write"} == found(*both, read("b", (7, 8)), read("a", (9, 10)))


def test_the_initial_value_is_a_write_before_everything():
    """Nothing read after an acknowledged write: the write is lost."""
    assert {"lost-write"} == found(login(), wrote("a", (2, 3)), read(None, (4, 5)))


def test_a_newer_value_that_comes_back_was_a_stale_read():
    """Gone for good is lost; back again is stale."""
    older = [login(), wrote("a", (2, 3)), wrote("b", (4, 5)), read("a", (6, 7))]

    assert {"lost-write"} == found(*older)
    assert {"stale-read"} == found(*older, read("b", (8, 9)))


def test_two_reads_that_go_backwards_are_non_monotonic():
    """The newer value was seen before its write was acknowledged: it is the two reads that contradict each other."""
    assert {"non-monotonic-read"} == found(
        login(), wrote("a", (2, 3)), wrote("b", (4, 20)), read("b", (6, 7)), read("a", (8, 9))
    )


def test_a_failed_or_unknown_read_proves_nothing():
    """Only an answer is evidence."""
    for outcome in ("fail", "unknown"):
        assert set() == found(
            login(), wrote("a", (2, 3)), read(None, (4, 5), outcome=outcome, seen=None), read("a", (6, 7))
        )


@pytest.mark.parametrize("seen", ["anonymous", "recreated"])
def test_values_of_answers_that_did_not_see_the_session_alive_are_ignored(seen):
    """W(a) ok, logout ok, read anonymous is no lost write."""
    assert set() == found(
        login(), wrote("a", (2, 3)), read("a", (4, 5)), op("logout", (6, 7)), read(None, (8, 9), seen=seen)
    )


def test_an_answer_to_the_kept_cookie_counts_for_the_lifecycle_alone():
    """Its value proves nothing."""
    assert set() == found(login(), wrote("a", (2, 3)), read("x", (4, 5), jar="kept"), read("a", (6, 7)))


@pytest.mark.parametrize("via", ["replica:app-1", "store"])
def test_only_answers_through_the_balancer_count(via):
    """Others are evidence for where a loss happened."""
    assert set() == found(login(), wrote("a", (2, 3)), read(None, (4, 5), via=via), read("a", (6, 7)))


def test_an_acknowledged_write_that_saw_no_session_may_have_gone_anywhere():
    """It may be seen, and need not be."""
    elsewhere = [login(), wrote("a", (2, 3)), wrote("b", (4, 5), seen="recreated")]

    assert {"flickering-session"} == found(*elsewhere, read("a", (6, 7)))
    assert {"flickering-session"} == found(*elsewhere, read("b", (6, 7)))


def test_clock_error_widens_every_interval():
    """What is only just in order may not have been."""
    operations = [login(), wrote("a", (2, 3)), wrote("b", (4, 5)), read("a", (6, 7))]

    assert {"lost-write"} == found(*operations)
    assert set() == found(*operations, clock_error_ns=1)


def test_a_last_write_that_no_later_read_could_have_shown_is_unknown():
    """Not fine: a store that forgot it looks the same. One that a later write overwrote unread is fine."""
    assert "inconclusive" == judged(login(), alive((2, 3)), wrote("a", (4, 5))).verdict
    assert "inconclusive" == judged(login(), wrote("a", (2, 5)), read("a", (3, 4))).verdict
    assert "pass" == judged(login(), wrote("a", (2, 3)), wrote("b", (4, 5)), read("b", (6, 7))).verdict


def test_a_read_that_tells_no_value_verifies_no_write():
    """Nor does one that began at the very instant at which the write was acknowledged."""
    assert "inconclusive" == judged(login(), wrote("a", (4, 5)), alive((6, 7))).verdict
    assert "inconclusive" == judged(login(), wrote("a", (2, 5)), read("a", (5, 6))).verdict
    assert "pass" == judged(login(), wrote("a", (2, 5)), read("a", (6, 7))).verdict


def test_only_an_unknown_write_that_was_seen_overwrites():
    """One that nobody saw may never have happened, and the acknowledged one is the last."""
    both = [login(), alive((1, 2)), wrote("a", (2, 3)), wrote("b", (4, None), outcome="unknown")]

    assert "inconclusive" == judged(*both).verdict
    assert "pass" == judged(*both, read("b", (3, 10))).verdict


def test_what_a_logout_ended_has_nothing_left_to_prove():
    """Its last write need not be read again."""
    assert "pass" == judged(login(), alive((2, 3)), wrote("a", (4, 5)), op("logout", (6, 7)), gone((8, 9))).verdict


def test_one_token_in_two_writes_cannot_be_judged():
    """Which of them a read saw is anybody's guess: inconclusive, never an alarm."""
    judgement = judged(login(), wrote("a", (2, 3)), wrote("b", (4, 5)), wrote("a", (6, 7)), read("b", (8, 9)))

    assert "inconclusive" == judgement.verdict
    assert "two of its writes carry one token" in judgement.reasons[0]


def test_the_sessions_with_a_token_in_two_writes_are_told_from_the_others():
    """Only theirs is undecided."""
    twice = [
        login(session="t"),
        *(wrote("b", at, session="t") for at in ((2, 3), (4, 5))),
        read("b", (6, 7), session="t"),
    ]
    judgement = judged(login(), wrote("a", (2, 3)), wrote("c", (4, 5)), read("c", (6, 7)), *twice)

    assert {"s": "pass", "t": "inconclusive"} == {name: line.verdict for name, line in lines(judgement).items()}


def test_a_failed_try_does_not_make_a_token_ambiguous():
    """The first try surely did nothing."""
    assert set() == found(login(), wrote("a", (2, 3), outcome="fail"), wrote("a", (4, 5)), read("a", (6, 7)))


def test_one_token_of_two_sessions_is_each_ones_own():
    """Neither reads the other's value."""
    assert set() == found(
        login(), wrote("a", (2, 3)), read("a", (4, 5)),
        login(session="t"), wrote("a", (2, 3), session="t"), read("a", (4, 5), session="t"),
    )  # fmt: skip


def test_the_witness_is_at_most_six_operations_and_fails_alone():
    """However long the history: the two writes, and what finished before what began."""
    noise = [o for i in range(0, 400, 4) for o in (wrote(f"n{i}", (10 + i, 11 + i)), read(f"n{i}", (12 + i, 13 + i)))]
    before = [login(), wrote("a", (2, 3)), read("a", (4, 5))]
    after = [wrote("z", (1000, 1001)), read("n0", (1002, 1003)), read("z", (1004, 1005)), read("z", (1006, 1007))]
    operations = [*before, *noise, *after]
    judgement = judged(*operations)
    finding = judgement.findings[0]

    assert "stale-read" == finding.anomaly
    assert len(finding.rows) <= 6
    assert {"stale-read"} == found(*(operations[row] for row in finding.rows))
    assert "finished before" in finding.because


def test_of_a_token_that_two_writes_carry_nothing_is_concluded():
    """A read between them shows the first; it is no read of the future."""
    between = (wrote("a", (0, 1)), read("a", (2, 3)), wrote("a", (4, 5)))
    judgement = judged(*between, read("a", (6, 7)))

    assert set() == names(judgement)
    assert "inconclusive" == judgement.verdict


@pytest.mark.parametrize("places", [0, 1, 16])
def test_a_write_is_found_however_crowded_the_table_is(monkeypatch, places):
    """With no places at all every write but one is looked up by sorting; which token is whose stays the same."""
    monkeypatch.setattr(register, "PLACES_A_WRITE", places)
    columns = big_history(4_000, length=40, unknown=0.2)
    apart = np.where(columns.value > 0, columns.value**2, columns.value)  # squares have few low bits of their own
    columns = replace(columns, value=apart)
    survey = survey_of(History(Header(), columns))
    sheet = sheet_of(survey, told_of(columns, survey.has_logs))
    writes = sheet.where(evidence.WRITE | evidence.WRITE_MAYBE)
    dice = np.random.default_rng(1)
    strange = np.concatenate(
        ([-2, -1], dice.permutation(apart)[:500], dice.integers(0, 10**6, 500))
    )  # another session's, nobody's, none
    reads = dice.choice(sheet.where(evidence.READ), len(strange))
    read_at = np.concatenate((sheet.where(evidence.READ), reads))
    token = np.concatenate((sheet.told.value[sheet.where(evidence.READ)], strange))

    found_at, twice = register._writer_of_each(sheet, writes, read_at, token)

    sorted_at, _ = register._writer_by_sorting(sheet, writes, read_at, token)
    assert sorted_at.tolist() == found_at.tolist()
    assert (found_at >= 0).sum() > 500
    assert not twice.any()

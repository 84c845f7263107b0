"""The word that an architecture comes to under a fault."""

from __future__ import annotations

import pytest

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.judgement import Expectation
from outlast.checkers.promise import (
    Loses,
    Promise,
    loses_all,
    loses_all_even_without_fault,
    loses_exactly_the_victims,
    loses_nothing,
    loses_writes_younger_than_s,
)
from outlast.checkers.word import MEANING, WORDS, Word, promise_of_word, word_of

A = Anomaly
LOST = (A.LOST_SESSION,)


def judged(*kept: Loses, asked: list[Promise] | None = None):
    """Just these promises hold."""

    def holds(promise: Promise) -> Expectation:
        if asked is not None:
            asked.append(promise)
        return Expectation(promise="", kept=promise.loses in kept)

    return holds


@pytest.mark.parametrize(
    ("word", "said", "promise"),
    [
        (Word.OK, {}, loses_nothing()),
        (Word.OK, {"also": (A.STALE_READ,), "unavailable": True}, loses_nothing([A.STALE_READ], True)),
        (Word.OUT, {}, loses_nothing(unavailable=True)),
        (Word.OUT, {"younger_than_s": 0.1}, loses_nothing((), True, 0.1)),
        (Word.VICTIMS, {}, loses_exactly_the_victims()),
        (Word.WINDOW, {}, loses_writes_younger_than_s(2.0)),
        (Word.WINDOW, {"younger_than_s": 1.0, "unavailable": True}, loses_writes_younger_than_s(1.0, (), True)),
        (Word.ALL, {}, loses_all()),
        (Word.ALWAYS, {}, loses_all_even_without_fault()),
        (A.STALE_READ, {"also": (A.LATE_WRITE,)}, loses_nothing([A.STALE_READ, A.LATE_WRITE])),
        (A.STALE_READ, {"unavailable": True, "younger_than_s": 0.1}, loses_nothing([A.STALE_READ], True, 0.1)),
    ],
)
def test_a_word_is_a_promise(word, said, promise):
    assert promise == promise_of_word(word, **said)


def test_what_does_not_apply_promises_nothing():
    with pytest.raises(ValueError, match=r"^what does not apply promises nothing$"):
        promise_of_word(Word.NONE)


def test_every_word_has_a_meaning_or_is_an_anomaly():
    assert set(WORDS) == {*MEANING, *A}


@pytest.mark.parametrize(
    ("found", "failed", "before", "kept", "word"),
    [
        ((), 0.0, False, (Loses.NOTHING,), Word.OK),
        ((), 0.01, False, (Loses.NOTHING,), Word.OK),
        ((), 0.011, False, (Loses.NOTHING,), Word.OUT),
        ((A.STUCK_USER,), 0.0, False, (Loses.NOTHING,), Word.OUT),
        ((A.AFFINITY_FLAP, A.RELOGIN_STORM, A.FAILED_REQUEST), 0.0, False, (Loses.NOTHING,), Word.OK),
        ((A.AFFINITY_FLAP, A.RESURRECTED_SESSION), 0.5, False, (Loses.NOTHING,), A.RESURRECTED_SESSION),
        (LOST, 0.0, False, (Loses.EXACTLY_THE_VICTIMS,), Word.VICTIMS),
        (LOST, 0.0, False, (Loses.EXACTLY_THE_VICTIMS, Loses.ALL), Word.ALL),
        (LOST, 0.0, False, (Loses.ALL, Loses.ALL_EVEN_WITHOUT_FAULT), Word.ALL),
        (LOST, 0.0, True, (Loses.ALL, Loses.ALL_EVEN_WITHOUT_FAULT), Word.ALWAYS),
        ((A.LOST_WRITE,), 0.0, False, (Loses.RECENT_WRITES,), Word.WINDOW),
        ((A.RESURRECTED_SESSION, A.FLICKERING_SESSION, A.LOST_SESSION), 0.0, True, (), A.FLICKERING_SESSION),
        ((A.LOST_SESSION, A.SESSION_LEAK), 0.0, True, (Loses.ALL_EVEN_WITHOUT_FAULT,), A.SESSION_LEAK),
    ],
)
def test_what_is_shown_has_a_word(found, failed, before, kept, word):
    assert word is word_of(found, failed, before, judged(*kept))


def test_what_is_not_proven_has_none():
    assert word_of((), 0.0, False, lambda promise: Expectation(promise="", kept=None)) is None


def test_what_lost_nothing_is_asked_to_lose_nothing():
    """What was found besides, and that users had to wait, does not speak against it."""
    asked: list[Promise] = []

    word_of((A.LATE_WRITE, A.STUCK_USER), 0.0, False, judged(Loses.NOTHING, asked=asked))

    assert [loses_nothing([A.LATE_WRITE, A.STUCK_USER], unavailable=True)] == asked


def test_losses_do_not_hide_what_else_is_wrong():
    """Each promise that is tried allows what was found besides the losses, and that users had to wait."""
    asked: list[Promise] = []

    word_of((A.LOST_SESSION, A.RESURRECTED_SESSION), 0.0, True, judged(asked=asked), younger_than_s=0.5)

    assert [
        (Loses.ALL_EVEN_WITHOUT_FAULT, None),
        (Loses.ALL, None),
        (Loses.EXACTLY_THE_VICTIMS, None),
        (Loses.RECENT_WRITES, 0.5),
    ] == [(promise.loses, promise.younger_than_s) for promise in asked]
    assert {((A.RESURRECTED_SESSION,), True)} == {(promise.also, promise.unavailable) for promise in asked}

"""Hearing a stream of the lab's app: how far it got, and whether it is the same stream."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outlast.drivers.driver import Request, Response
from outlast.drivers.lab import LabDriver
from outlast.drivers.lab_stream import LabEar
from outlast.drivers.streaming import Streaming, Unlike
from outlast.history.operation import Outcome, Seen


def items(count: int, seed: str = "seed") -> list[str]:
    made = []
    for _ in range(count):
        seed = hashlib.sha256(seed.encode()).hexdigest()[:16]
        made.append(seed)
    return made


ITEMS = items(5)
BODY = "".join(f"{place} {item}\n" for place, item in enumerate(ITEMS)).encode()


def test_a_whole_stream():
    """From its first item to its end."""
    ear = LabEar(0, "")
    ear.hear(BODY + b"end 5\n")

    assert (0, 5, ITEMS[-1], True) == (ear.first, ear.reached, ear.last, ear.ended)


@given(st.sets(st.integers(0, len(BODY))))
def test_it_may_come_in_any_pieces(cuts):
    """Where the network cuts says nothing; an unfinished line is not heard yet."""
    ear, before = LabEar(0, ""), 0
    for cut in [*sorted(cuts), len(BODY)]:
        ear.hear(BODY[before:cut])
        before = cut
        assert ear.reached == BODY[:cut].count(b"\n")

    assert (5, False) == (ear.reached, ear.ended)


def test_it_is_taken_up_where_it_was_cut():
    """The next ear goes on from there."""
    ear = LabEar(3, ITEMS[2])
    ear.hear(f"3 {ITEMS[3]}\n4 {ITEMS[4]}\nend 5\n".encode())

    assert (3, 5, True) == (ear.first, ear.reached, ear.ended)


@pytest.mark.parametrize("first", [1, 2, 4])
def test_where_the_app_goes_on_is_told_as_it_is(first):
    """Too early is a repetition, too late a gap: the judge's business."""
    ear = LabEar(3, ITEMS[2])
    ear.hear(f"{first} {ITEMS[first]}\n".encode())

    assert (first, first + 1) == (ear.first, ear.reached)


@pytest.mark.parametrize(
    "line",
    [
        f"3 {items(4, 'another')[3]}", f"3 {ITEMS[2]}", "3", "3 ", "x y", "-1 x", "end 4", "end", "", "end 3x",
        "\u00b2 x", "1" * 300, f"{10**9} x", "3 " + "a" * 100,
    ],
)  # fmt: skip
def test_what_is_not_this_stream_is_not_heard(line):
    """Another content under the same number is another stream."""
    ear = LabEar(3, ITEMS[2])
    with pytest.raises(Unlike):
        ear.hear(line.encode() + b"\n")

    assert (None, 3, ITEMS[2], False) == (ear.first, ear.reached, ear.last, ear.ended)


@pytest.mark.parametrize("after", [f"5 {ITEMS[4]}\n", f"4 {ITEMS[4]}\n", "6 x\n", f"end 5\n0 {ITEMS[0]}\n"])
def test_within_a_connection_each_item_follows_from_the_one_before(after):
    """No item twice, none left out, nothing after the end."""
    ear = LabEar(0, "")
    ear.hear(BODY)
    with pytest.raises(Unlike):
        ear.hear(after.encode())


def test_a_line_without_end_is_not_waited_for():
    """A hostile app cannot fill our memory."""
    with pytest.raises(Unlike):
        LabEar(0, "").hear(b"0 " + b"a" * 500)


def test_what_is_asked_for():
    """A number of the session's own, and where to begin."""
    assert isinstance(LabDriver(), Streaming)
    assert Request("GET", "/stream?number=a%26b&from=7") == LabDriver().stream("a&b", 7)


WHO = {"x-outlast-replica": "app-1", "x-outlast-boot": "0badc0de", "x-outlast-build": "a"}


@pytest.mark.parametrize(
    ("status", "headers", "outcome", "seen"),
    [
        (200, WHO, Outcome.OK, Seen.ALIVE),
        (401, WHO, Outcome.FAIL, Seen.ANONYMOUS),
        (401, {}, Outcome.UNKNOWN, None),
        (200, {}, Outcome.UNKNOWN, None),
        (404, WHO, Outcome.UNKNOWN, None),
        (503, WHO, Outcome.UNKNOWN, None),
    ],
)
def test_what_the_head_of_the_answer_means(status, headers, outcome, seen):
    """A 401 that the app did not sign may be a balancer's, and proves nothing."""
    answer = LabDriver().begun(Response(status, headers, b""))

    assert (outcome, seen) == (answer.outcome, answer.seen)

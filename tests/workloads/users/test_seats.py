"""Held sessions and those that were logged out."""

from __future__ import annotations

import random

from outlast.drivers.jar import EMPTY_JAR, Jar
from outlast.workloads.users.seats import NO_SESSION, Seats


def seats(count: int = 5, retired_most: int = 3) -> Seats:
    return Seats(count, random.Random(1), retired_most)


def jar(value: str) -> Jar:
    return EMPTY_JAR.after([f"sid={value}; Path=/"], host="h", path="/", now_s=0.0)


def test_first_logins_are_named_by_their_seat():
    """So that the same seed names the same sessions, whoever comes first."""
    some = seats()

    assert [4, 0, 2] == [some.next_session(seat) for seat in (4, 0, 2)]
    assert [5, 6] == [some.next_session(seat) for seat in (4, 0)]
    assert [1, 3] == [some.next_session(seat) for seat in (1, 3)]
    assert 7 == some.next_session(1)


def test_a_login_fills_both_jars():
    """What a browser holds is what last worked."""
    some = seats()
    some.hold(2, 2, jar("a"))

    assert some.browser[2] is some.kept[2]
    assert 1 == some.held()


def test_who_leaves_is_remembered_with_the_cookie_that_worked():
    """It must be dead now, and the audit asks."""
    some = seats()
    some.hold(2, 2, jar("a"))
    some.leave(2)

    assert [(2, 2, "sid=a")] == [(r.session, r.seat, r.kept.header("/", 0)) for r in some.retired]
    assert NO_SESSION == some.session[2]
    assert some.browser[2] is some.kept[2] is EMPTY_JAR


def test_more_leave_than_are_remembered():
    """An even sample of early and late ones, and how many there were is told."""
    counts = [0] * 40
    for seed in range(300):
        some = Seats(40, random.Random(seed), 10)
        for seat in range(40):
            some.hold(seat, seat, jar("a"))
            some.leave(seat)
        assert 40 == some.retired_count
        for retired in some.retired:
            counts[retired.session] += 1

    assert 3000 == sum(counts)
    assert min(counts) > 40
    assert max(counts) < 115


def test_sessions_per_replica():
    """By number of the replica that answered last; seats without an answer are in none."""
    some = seats()
    some.replica[0] = some.replica[3] = 1
    some.replica[4] = 0

    assert {"app-1": 1, "app-2": 2} == some.per_replica({0: "app-1", 1: "app-2"})

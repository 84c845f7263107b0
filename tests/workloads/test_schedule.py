"""Arrivals follow from the seed, and are what the load asks for."""

from __future__ import annotations

from itertools import islice

import pytest

from outlast.errors import UsageError
from outlast.history.operation import Kind
from outlast.workloads.schedule import EFFECTS_SHARE, arrivals, seats_of
from outlast.workloads.workload import Load, Mix

ALL = frozenset((Kind.LOGIN, Kind.READ, Kind.WRITE, Kind.INCREMENT, Kind.LOGOUT))
LOAD = Load(sessions=103, users=10, rate=500)


def first(count: int, *, load: Load = LOAD, seed: int = 7, user: int = 0, can=ALL):
    return list(islice(arrivals(load, seed, user, can), count))


def test_the_same_seed_gives_the_same_schedule():
    """Which session, which operation, when: all of it."""
    assert first(2000) == first(2000)


@pytest.mark.parametrize("seed", [-1, 0, 8, 2**70])
def test_another_seed_gives_another(seed):
    """Any integer is a seed."""
    assert first(50) != first(50, seed=seed)


def test_users_do_not_move_in_step():
    """Each has times of its own."""
    times = {arrival.after_ns for user in range(10) for arrival in first(100, user=user)}

    assert len(times) == 1000


def test_every_seat_has_exactly_one_user():
    """Also when the sessions do not divide evenly, and when there are more users than sessions."""
    for load in (LOAD, Load(sessions=3, users=5)):
        seats = [seat for user in range(load.users) for seat in seats_of(user, load)]

        assert sorted(seats) == list(range(load.sessions))


def test_every_seat_has_as_many_users_as_share_a_session():
    """And all together ask no more often for it than one would."""
    load = Load(sessions=10, users=12, clients=3, rate=100)
    seats = [seat for user in range(12) for seat in seats_of(user, load)]
    soon = [arrival for user in range(12) for arrival in first(200, load=load, user=user) if arrival.after_ns < 5e9]

    assert sorted(seats) == sorted([*range(10)] * 3)
    assert abs(len(soon) - 500) < 5 * 500**0.5


def test_a_user_asks_for_its_own_seats_alone_and_for_all_of_them():
    """A held session that is never asked would prove nothing."""
    assert {arrival.seat for arrival in first(2000, user=3)} == set(seats_of(3, LOAD))


def test_a_user_without_seats_has_nothing_to_do():
    """More users than sessions."""
    assert first(5, load=Load(sessions=3, users=5), user=4) == []


def test_the_rate_is_what_was_asked_for():
    """Over all users, within five deviations of a Poisson process."""
    horizon_ns = 20_000_000_000
    count = 0
    for user in range(LOAD.users):
        for arrival in arrivals(LOAD, 7, user, ALL):
            if arrival.after_ns >= horizon_ns:
                break
            count += 1

    expected = LOAD.rate * 20
    assert abs(count - expected) < 5 * expected**0.5


def test_times_only_grow():
    """A user lives forward, also over the edge of a block."""
    times = [arrival.after_ns for arrival in first(1500)]

    assert times == sorted(times)
    assert times[0] > 0


def test_the_mix_is_what_was_asked_for():
    """And one read in ten asks for the log."""
    load = Load(sessions=100, users=1, mix=Mix(read=60, write=30, increment=10, logout=0))
    drawn = first(20_000, load=load)
    share = {kind: sum(arrival.kind is kind for arrival in drawn) / len(drawn) for kind in Kind}
    reads = [arrival for arrival in drawn if arrival.kind is Kind.READ]

    assert share[Kind.LOGOUT] == 0
    assert abs(share[Kind.READ] - 0.6) < 0.02
    assert abs(share[Kind.WRITE] - 0.3) < 0.02
    assert abs(sum(arrival.with_effects for arrival in reads) / len(reads) - EFFECTS_SHARE) < 0.02
    assert not any(arrival.with_effects for arrival in drawn if arrival.kind is not Kind.READ)


def test_what_the_driver_cannot_do_is_left_out():
    """The rest of the mix fills its place."""
    drawn = first(500, can=frozenset((Kind.LOGIN, Kind.READ, Kind.WRITE)))

    assert {arrival.kind for arrival in drawn} == {Kind.READ, Kind.WRITE}


def test_nothing_that_can_be_done_is_a_users_mistake():
    """One sentence, before anything is sent."""
    with pytest.raises(UsageError, match="mix"):
        first(1, load=Load(mix=Mix(read=0, write=0, increment=1, logout=0)), can=frozenset((Kind.LOGIN, Kind.READ)))


def test_slow_writes_are_as_many_as_asked_for_and_none_by_default():
    """They are writes; and a schedule without them is what it always was."""
    load = Load(sessions=100, users=1, mix=Mix(read=50, write=20, increment=10, logout=0, slow=20))
    drawn = list(islice(arrivals(load, 7, 0, ALL, slows=True), 20_000))
    slow = [arrival for arrival in drawn if arrival.slow]

    assert abs(len(slow) / len(drawn) - 0.2) < 0.02
    assert {Kind.WRITE} == {arrival.kind for arrival in slow}
    assert abs(sum(a.kind is Kind.WRITE for a in drawn) / len(drawn) - 0.4) < 0.02
    assert not any(arrival.slow for arrival in first(2000))
    assert first(2000) == list(islice(arrivals(LOAD, 7, 0, ALL, slows=True), 2000))


def test_a_driver_without_slow_writes_leaves_them_out():
    """As the rest of what it cannot do."""
    load = Load(sessions=100, users=1, mix=Mix(read=1, write=0, increment=0, logout=0, slow=1))

    assert {(Kind.READ, False)} == {(arrival.kind, arrival.slow) for arrival in first(500, load=load)}


def test_pages_and_old_tabs_are_as_many_as_asked_for_and_none_by_default():
    """A page is a read; a schedule without them is what it always was."""
    can = ALL | {Kind.ASSET}
    load = Load(sessions=100, users=1, mix=Mix(read=50, write=20, increment=0, logout=0, page=20, asset=10))
    drawn = first(20_000, load=load, can=can)
    pages = [arrival for arrival in drawn if arrival.as_page]

    assert abs(len(pages) / len(drawn) - 0.2) < 0.02
    assert {(Kind.READ, False, False)} == {(a.kind, a.with_effects, a.slow) for a in pages}
    assert abs(sum(a.kind is Kind.ASSET for a in drawn) / len(drawn) - 0.1) < 0.02
    assert first(2000) == first(2000, can=can)
    assert not any(a.as_page or a.kind is Kind.ASSET for a in first(2000, can=can))


def test_a_driver_that_knows_no_assets_opens_no_pages():
    """A page without its assets would be a read."""
    load = Load(sessions=100, users=1, mix=Mix(read=1, write=0, increment=0, logout=0, page=1, asset=1))

    assert {(Kind.READ, False)} == {(arrival.kind, arrival.as_page) for arrival in first(500, load=load)}


def test_slow_increments_are_as_many_as_asked_for_and_none_by_default():
    """They are increments; and a schedule without them is what it always was."""
    load = Load(sessions=100, users=1, mix=Mix(read=60, write=0, increment=20, logout=0, slow_increment=20))
    drawn = list(islice(arrivals(load, 7, 0, ALL, slows=True), 20_000))
    slow = [arrival for arrival in drawn if arrival.slow]

    assert {Kind.INCREMENT} == {arrival.kind for arrival in slow}
    assert abs(len(slow) / len(drawn) - 0.2) < 0.02
    assert abs(sum(a.kind is Kind.INCREMENT for a in drawn) / len(drawn) - 0.4) < 0.02
    assert not any(arrival.slow for arrival in first(500, load=load))

"""Rules of cutting a history into slices."""

from __future__ import annotations

import numpy as np
from tests.render.made_history import MS, asked, history, kill, phase

from outlast.history.history import PhaseName
from outlast.history.operation import Jar, Kind, Outcome, Seen
from outlast.render.timeline import SLICES_MAX, Timeline, timeline_of


def line(*operations: object, **more: object) -> Timeline:
    timeline = timeline_of(history(*operations, **more))  # type: ignore[arg-type]
    assert timeline is not None
    return timeline


def test_nothing_asked_nothing_drawn() -> None:
    """A history without a request has no timeline."""
    assert timeline_of(history()) is None


def test_latency_counts_from_when_it_was_due() -> None:
    """A request that waited its turn for 400 ms and took 5 shows as 405, in the slice in which it was due."""
    timeline = line(asked("s", 410, took_ms=5, intended_ns=10 * MS), asked("s", 900))

    assert 405 == timeline.max_ms[0]
    assert np.isnan(timeline.max_ms[4])


def test_percentiles_are_of_the_slice() -> None:
    """Nearest rank: of 1 .. 100 ms the median is 50, the 99th percentile 99, the maximum 100."""
    timeline = line(*(asked("s", 0.001 * n, took_ms=n) for n in range(1, 101)))

    assert (50, 99, 100) == (timeline.p50_ms[0], timeline.p99_ms[0], timeline.max_ms[0])


def test_what_failed_and_what_was_answered() -> None:
    """A 5xx and a lost answer failed; a 401 is an answer."""
    timeline = line(
        asked("s", 1, status=200),
        asked("s", 2, None),
        asked("s", 3, outcome=Outcome.UNKNOWN, seen=None, status=503),
        asked("s", 4, Seen.ANONYMOUS, outcome=Outcome.FAIL, status=401),
    )

    assert (2, 2) == (int(timeline.answered.sum()), int(timeline.failed.sum()))


def test_a_session_counts_by_its_last_answer() -> None:
    """Alive, then gone, then alive again: one session in one place at a time."""
    timeline = line(asked("a", 0), asked("b", 10), asked("a", 250, Seen.ANONYMOUS), asked("a", 450), asked("b", 600))

    assert [2, 2, 1, 1, 2] == timeline.alive[:5].tolist()
    assert [0, 0, 1, 1, 0] == timeline.gone[:5].tolist()


def test_an_acknowledged_login_is_a_session_that_lives() -> None:
    """Though its answer shows nothing but that it was accepted."""
    login = asked("a", 0, None, op=Kind.LOGIN, outcome=Outcome.OK, returned_ns=MS)

    timeline = line(login, asked("a", 300, Seen.ANONYMOUS))

    assert [1, 1, 1, 0] == timeline.alive[:4].tolist()


def test_the_kept_cookie_says_nothing_of_the_users_session() -> None:
    """A browser that lost its cookie is logged out, even if the server still knows the old one."""
    timeline = line(asked("a", 0), asked("a", 100, Seen.RECREATED), asked("a", 200, jar=Jar.KEPT))

    assert (0, 1) == (timeline.alive[-1], timeline.gone[-1])


def test_who_logged_out_is_neither_alive_nor_gone() -> None:
    """A session that its user ended leaves both counts, though the audit asks it again and finds it gone."""
    logout = asked("a", 100, None, op=Kind.LOGOUT, outcome=Outcome.OK, returned_ns=101 * MS)

    timeline = line(
        asked("a", 0), logout, asked("a", 300, Seen.ANONYMOUS), asked("b", 0), asked("b", 500, Seen.ANONYMOUS)
    )

    assert (1, 0) == (timeline.alive[3], timeline.gone[3])
    assert (0, 1) == (timeline.alive[-1], timeline.gone[-1])


def test_a_logout_of_unknown_outcome_explains_what_comes_after() -> None:
    """It may have taken effect: alive is alive, and gone is not held against anybody."""
    logout = asked("a", 100, None, op=Kind.LOGOUT)

    assert 1 == line(asked("a", 0), logout, asked("a", 300)).alive[-1]
    assert 0 == line(asked("a", 0), logout, asked("a", 300, Seen.ANONYMOUS)).gone[-1]


def test_only_the_balancer_is_load() -> None:
    """What a replica or the store was asked directly is evidence, not load."""
    timeline = line(asked("a", 0), asked("a", 10, via="replica:app-1"), asked("a", 20, via="store"))

    assert 1 == timeline.answered.sum()


def test_shares_per_replica() -> None:
    """Each answer counts for the replica that it names; an answer without a name for none."""
    timeline = line(
        asked("a", 0, replica="app-2"), asked("a", 1, replica="app-1"), asked("a", 2, replica="app-2"), asked("a", 3)
    )

    assert ("app-1", "app-2") == timeline.replicas
    assert [1, 2] == timeline.answers.sum(axis=1).tolist()


def test_a_fault_begins_on_the_edge_of_a_slice() -> None:
    """So that nothing it caused is drawn before it; and no request falls out of the picture."""
    timeline = line(asked("a", 0), asked("a", 333), asked("a", 990), faults=(kill(333, 700),))

    assert 0 == (333 * MS - timeline.start_ns) % timeline.width_ns
    assert timeline.start_ns <= 0
    assert 3 == timeline.answered.sum()


def test_however_long_there_are_few_slices() -> None:
    """A day takes no more slices than a minute."""
    timeline = line(asked("a", 0), asked("a", 86_400_000))

    assert timeline.slices <= SLICES_MAX + 1


def test_the_audit_is_marked() -> None:
    """Its burst of questions is not load."""
    timeline = line(
        asked("a", 0), asked("a", 950), phases=(phase(PhaseName.LOAD, 0, 900), phase(PhaseName.AUDIT, 900, 1000))
    )

    assert [False, True] == timeline.fleeting[[0, -1]].tolist()

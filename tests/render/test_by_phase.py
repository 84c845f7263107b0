"""Rules of the figures per phase."""

from __future__ import annotations

from tests.render.made_history import MS, asked, history, phase

from outlast.history.history import PhaseName
from outlast.render.by_phase import by_phase

PHASES = (phase(PhaseName.STEADY, 0, 100), phase(PhaseName.FAULT, 100, 200))


def test_a_request_belongs_to_the_phase_in_which_it_was_due() -> None:
    """One that was due before the fault and sent late counts before it, with all of its waiting."""
    steady, fault = by_phase(history(asked("a", 150, took_ms=5, intended_ns=90 * MS), asked("a", 160), phases=PHASES))

    assert (1, 65.0) == (steady.requests, steady.max_ms)
    assert (1, 1.0) == (fault.requests, fault.max_ms)


def test_what_never_came_back_has_no_latency() -> None:
    """It failed, and says nothing about how long an answer takes."""
    steady, _ = by_phase(history(asked("a", 10, None), asked("a", 20, took_ms=7), phases=PHASES))

    assert (2, 1, 7.0) == (steady.requests, steady.failed, steady.max_ms)


def test_a_phase_without_a_request() -> None:
    """Has no percentiles, and is told all the same."""
    _, fault = by_phase(history(asked("a", 10), phases=PHASES))

    assert (0, None, None) == (fault.requests, fault.p50_ms, fault.max_ms)


def test_only_the_balancer_counts() -> None:
    """What the audit asks of a replica directly is no request of a user."""
    steady, _ = by_phase(history(asked("a", 10), asked("a", 20, via="replica:app-1"), phases=PHASES))

    assert 1 == steady.requests

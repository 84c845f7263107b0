"""Figures that can be gated: what counts in them, and what does not."""

from __future__ import annotations

import pytest
from tests.checkers.operations import alive, gone, history, login, op

from outlast.checkers import figures
from outlast.checkers.judge import judge
from outlast.history.history import FaultWindow, Phase, PhaseName

S = 1_000_000_000
MS = 1_000_000


def figure(recorded, name, limit=1e9):
    """The value, and whether the gate holds."""
    (result,) = (gate for gate in judge(recorded, gates={name: limit}).gates if gate.name == name)
    return result.value, result.ok


def reads(*spans, **told):
    return [alive((start, end), **told) for start, end in spans]


def test_p99_is_of_what_was_answered_through_the_balancer_since_the_fault():
    """From when it was due; the audit, the steady time, direct questions and what was never answered are left out."""
    slow = 7 * S
    recorded = history(
        login((0, slow)),
        *reads(*((10 * S + i, 10 * S + i + MS) for i in range(98))),
        alive((11 * S, 11 * S + MS), intended_ns=11 * S - 2 * MS),
        alive((11 * S, 11 * S + 4 * MS)),
        op("read", (12 * S, None), outcome="unknown"),
        alive((12 * S, 12 * S + slow), via="replica:a"),
        alive((20 * S, 20 * S + slow)),
        faults=(FaultWindow(name="kill", nodes=("a",), start_ns=10 * S, end_ns=11 * S, proven=True, healed=True),),
        phases=(Phase(PhaseName.AUDIT, 20 * S, 30 * S),),
    )

    assert figure(recorded, "p99_ms") == (3.0, True)
    assert figure(recorded, "p99_ms", 2.9) == (3.0, False)


def test_p99_of_the_whole_load_where_nothing_is_broken():
    """And of nothing it is unknown, which holds no gate."""
    assert figure(history(login((0, 5 * MS))), "p99_ms") == (5.0, True)
    assert figure(history(), "p99_ms") == (None, False)
    assert figure(history(op("login", (0, None), outcome="unknown")), "p99_ms") == (None, False)


def test_imbalance_is_the_most_asked_replica_by_the_mean():
    """Unknown where no answer tells its replica."""
    recorded = history(login(replica="a"), *reads((2, 3), (4, 5), replica="a"), alive((6, 7), replica="b"))

    assert figure(recorded, "imbalance") == (1.5, True)
    assert figure(recorded, "imbalance", 1.4) == (1.5, False)
    assert figure(history(login()), "imbalance") == (None, False)


@pytest.mark.parametrize(("apart", "peak"), [(S - 1, 3), (S, 2), (2 * S, 1)])
def test_the_peak_of_those_who_would_log_in_again(apart, peak):
    """How many found themselves logged out within a second of the load; the audit is not load."""
    found_at = [10 * S, 10 * S + apart // 2, 10 * S + apart]
    operations = [login((0, 1), session=name, user=name) for name in "abcd"]
    operations += [alive((2, 3), session=name) for name in "acd"]
    operations += [gone((at, at + 5), session=name) for name, at in zip("abc", found_at, strict=True)]
    operations.append(gone((30 * S, 30 * S + 5), session="d"))
    recorded = history(*operations, phases=(Phase(PhaseName.AUDIT, 30 * S, 40 * S),))

    assert figure(recorded, "relogin_peak") == (float(peak), True)


def test_nobody_would_log_in_again():
    """Zero, which is known."""
    assert figure(history(login(), alive((2, 3))), "relogin_peak", 0) == (0.0, True)


def test_losses_that_only_the_audit_found_are_nobodys_peak():
    """It begins with its first instant."""
    recorded = history(login(), alive((2, 3)), gone((30 * S, 31 * S)), phases=(Phase(PhaseName.AUDIT, 30 * S, 40 * S),))

    assert figure(recorded, "relogin_peak") == (0.0, True)


def test_of_a_large_load_every_kth_request_stands_for_all(monkeypatch):
    """Of ten, with at most four, every third: those of 1, 4, 7 and 2 ms."""
    monkeypatch.setattr(figures, "SAMPLE_MAX", 4)
    recorded = history(login((0, 1 * MS)), *reads(*((10 * S, 10 * S + n * MS) for n in [9, 9, 4, 9, 9, 7, 9, 9, 2])))

    assert figure(recorded, "p99_ms") == (7.0, True)

"""Recovery: from the onset to the first instant after which for five seconds nothing fails and nothing is slow."""

import pytest
from tests.checkers.operations import op
from tests.checkers.runs import ONSET, S, header, killed

from outlast.checkers import blocks, recovery
from outlast.checkers.recovery import stalls_of
from outlast.history.columns import Columns
from outlast.history.history import History

KILLED = (killed(),)


def load(*odd, until=14.0, faults=KILLED):
    """A request every tenth of a second, 10 ms each, but for the odd: (from, to, seconds late or None: failed)."""
    operations = []
    for tick in range(1, round(until * 10)):
        due = tick / 10
        late = next((late for start, end, late in odd if start <= due < end), 0.01)
        ret = round((due + (0.01 if late is None else late)) * S)
        operations.append(
            op("read", (round(due * S), ret), outcome="unknown" if late is None else "ok", intended_ns=round(due * S),
               session=f"s{tick}")
        )  # fmt: skip
    return History(header(*faults), Columns.of(operations))


def recovered(history):
    """Seconds from the onset."""
    return stalls_of(history).recovery_s


def test_nothing_failed_and_nothing_was_slow():
    """Recovered at the onset itself."""
    assert 0.0 == recovered(load())


def test_recovery_begins_after_the_last_failure():
    """Its end, not its beginning; a calm of less than five seconds in between does not count."""
    assert 0.81 == pytest.approx(recovered(load((5.0, 5.85, None))), abs=0.005)
    assert 2.11 == pytest.approx(recovered(load((5.0, 5.2, None), (7.0, 7.15, None))), abs=0.005)


def test_a_stall_is_as_bad_as_a_failure():
    """p99 stays under twice the steady one; latency counts from when a request was due."""
    assert 3.0 == pytest.approx(recovered(load((5.0, 6.95, 1.1))), abs=0.11)


def test_a_run_that_ends_too_soon_has_not_recovered():
    """Five calm seconds must be seen."""
    assert recovered(load((5.0, 9.5, None))) is None
    assert recovered(load(until=9.0)) is None


def test_without_a_fault_there_is_nothing_to_recover_from():
    """None, not zero."""
    assert recovered(load(faults=())) is None


def test_the_longest_stall_counts_from_the_intended_instant():
    """The audit's burst is not load."""
    history = load((5.0, 5.05, 2.5), (16.0, 17.0, 9.0), until=18)

    assert 2500.0 == pytest.approx(stalls_of(history).longest_ms)
    assert stalls_of(History(header())).longest_ms is None
    assert 5 == ONSET


def test_of_a_large_load_a_sample_stands_for_all(monkeypatch):
    """But every failure counts."""
    monkeypatch.setattr(recovery, "SAMPLE_MAX", 40)
    monkeypatch.setattr(blocks, "BLOCK", 16)

    assert 0.0 == recovered(load())
    assert 0.81 == pytest.approx(recovered(load((5.8, 5.85, None))), abs=0.005)

"""A valid history raises no alarm, whatever is in it."""

from collections import Counter

import pytest
from tests.checkers.alarms import judged
from tests.checkers.valid.history import valid_history

from outlast.checkers.verdict import Verdict
from outlast.history.operation import VIA_BALANCER, Jar, Kind, Outcome, Scope, Seen

LARGE = pytest.mark.slow


@pytest.mark.parametrize(
    ("seeds", "operations"), [(range(40), 2_000), pytest.param(range(100, 120), 100_000, marks=LARGE)]
)
def test_a_valid_history_raises_no_alarm(seeds, operations):
    """Nor does any session of it fail."""
    for seed in seeds:
        one = judged(seed, operations)

        assert {} == one.alarms, seed
        assert Verdict.FAIL != one.verdict


def test_valid_histories_hold_what_a_judge_might_take_for_a_fault():
    """Each of these in one operation of a thousand, or the alarms that are missing prove little."""
    held, operations = Counter(), 0
    for seed in range(20):
        columns = valid_history(seed, 2_000).columns
        operations += len(columns)
        tried = Counter(o.attempt for o in columns if o.attempt and o.outcome is not Outcome.FAIL)
        held["retried"] += sum(count > 1 for count in tried.values())
        for o in columns:
            held[o.op] += 1
            held[o.outcome] += 1
            held[o.seen] += 1
            held["never answered"] += o.returned_ns is None
            held["elsewhere"] += o.via != VIA_BALANCER
            held["kept cookie"] += o.jar is Jar.KEPT
            held["everywhere"] += o.op is Kind.LOGOUT and o.scope is Scope.USER
            held["log"] += o.effects is not None
            held["log without its beginning"] += o.effects_offset > 0
            held["blind"] += o.op is Kind.INCREMENT and o.outcome is Outcome.OK and o.counter is None
            held["failed and alive"] += o.outcome is Outcome.FAIL and o.seen is Seen.ALIVE

    expected = {*Kind, *Outcome, *Seen, "retried", "never answered", "elsewhere", "kept cookie", "everywhere", "log"}
    expected |= {"log without its beginning", "blind", "failed and alive"}
    assert set() == {name for name in expected if held[name] < operations / 1000}

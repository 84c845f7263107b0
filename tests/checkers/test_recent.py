"""What was acknowledged just before a fault, or while it was in force, may have happened or not."""

from dataclasses import fields, replace

import pytest
from tests.checkers import operations
from tests.checkers.runs import HEAL, ONSET, S, killed

from outlast.checkers.recent import without_recent
from outlast.history.columns import Columns
from outlast.history.history import Header, History
from outlast.history.operation import Outcome

SINCE, UNTIL = (ONSET - 2) * S, HEAL * S
KINDS = ("login", "write", "increment", "logout", "read", "asset", "stream")


def op(kind, interval, **told):
    """An operation that was sent when it was meant to be."""
    return operations.op(kind, interval, intended_ns=interval[0], **told)


def rest(*told, faults=None, younger_than_s=2.0):
    """What is left of them, with a window of two seconds before the onset."""
    header = Header(faults=(killed(),) if faults is None else faults)
    return list(without_recent(History(header, Columns.of(told)), younger_than_s).columns)


def doubted(operation):
    """As if its answer had been lost."""
    return replace(operation, outcome=Outcome.UNKNOWN, seen=None, counter=None, effects=None)


@pytest.mark.parametrize(
    ("interval", "recent"),
    [
        ((SINCE - 2, SINCE - 1), False),
        ((SINCE - 2, SINCE), True),
        ((SINCE + 1, SINCE + 2), True),
        ((UNTIL, UNTIL + 9), True),
        ((UNTIL + 1, UNTIL + 9), False),
        ((SINCE - 2, UNTIL + 9), True),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_by_its_answer_and_by_when_it_was_sent(kind, interval, recent):
    """A change becomes one of unknown outcome, what only looked is left out; what is older or later stands."""
    one = op(kind, interval)

    expected = [one] if not recent else [doubted(one)] if kind in KINDS[:4] else []
    assert expected == rest(one)


@pytest.mark.parametrize("outcome", ["unknown", "fail"])
def test_a_change_that_was_not_acknowledged_stands(outcome):
    """A refused one surely did not happen, whenever it was sent."""
    write = op("write", (SINCE, SINCE + 1), value="v", outcome=outcome, counter=3)

    assert [write] == rest(write)


def test_what_was_sent_stays_and_what_was_told_goes():
    """Among others, which keep what they told."""
    told = {"seen": "alive", "counter": 7, "effects": ("a", "b"), "effects_offset": 3, "attempt": "b"}
    old, young = (op("increment", (at, at + 1), session=f"s{at}", **told) for at in (SINCE - 9, SINCE))

    assert [old, doubted(young), old] == rest(old, young, old)
    assert "b" == doubted(young).attempt


def test_columns_keep_their_types():
    """Whatever reads them goes on as before."""
    history = History(Header(faults=(killed(),)), Columns.of([op("write", (SINCE, UNTIL), value="v")]))
    before, after = history.columns, without_recent(history, 2.0).columns

    for field in fields(Columns):
        if hasattr(getattr(before, field.name), "dtype"):
            assert getattr(before, field.name).dtype == getattr(after, field.name).dtype, field.name


def test_each_fault_has_a_window_of_its_own():
    """Between them what was acknowledged counts; of one that never ended everything since is recent."""
    first, between, second = (op("write", (at * S, at * S + 1), value="v") for at in (4, 12, 15))
    two = (killed(), killed(start_ns=16 * S, end_ns=17 * S))

    assert [doubted(first), between, doubted(second)] == rest(first, between, second, faults=two)
    assert [doubted(first), doubted(between)] == rest(first, between, faults=(killed(end_ns=None),))
    assert [first, between, second] == rest(first, between, second, faults=())


def test_what_streams_received_stays_with_them():
    """However many operations before them were left out."""
    streams = [op("stream", (at, at + 1), from_offset=at, to_offset=at + 5) for at in (1, SINCE, UNTIL + 1)]
    reads = [op("read", (at, at + 1), session="t") for at in (2, SINCE)]

    assert [streams[0], reads[0], streams[2]] == rest(streams[0], *reads, *streams[1:])

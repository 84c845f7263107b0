"""Clients: one client does one thing at a time, or what it recorded is in doubt."""

import pytest
from tests.checkers.operations import history, op

from outlast.checkers import blocks, clients
from outlast.history.columns import Columns


def _doubted(*operations):
    """The sessions in doubt, of operations recorded in the order of invocation, and in any order."""
    in_order, backwards = (Columns.of(some) for some in (operations, operations[::-1]))
    answers = [
        {c.sessions[i] for i, doubt in enumerate(clients.sessions_in_doubt(c)) if doubt} for c in (in_order, backwards)
    ]
    assert answers[0] == answers[1]
    return answers[0]


def _by(client, at, session="s"):
    return op("read", at, client=client, session=session, outcome="unknown" if at[1] is None else "ok")


@pytest.fixture(params=[1, 2, 2**20], autouse=True)
def rows_per_block(request, monkeypatch):
    """Blocks of any size look alike."""
    monkeypatch.setattr(blocks, "BLOCK", request.param)


def test_one_thing_after_the_other_is_fine_and_touching_is_too():
    """Of each client by itself."""
    assert set() == _doubted(_by(1, (0, 2)), _by(2, (1, 3), "t"), _by(1, (2, 4)), _by(2, (3, 5), "t"))


def test_whoever_begins_before_it_was_done_is_in_doubt():
    """Both sessions are, if it used two."""
    assert {"s"} == _doubted(_by(1, (0, 3)), _by(2, (1, 9), "t"), _by(1, (2, 4)))
    assert {"s", "t"} == _doubted(_by(1, (0, 3)), _by(1, (2, 4), "t"), _by(3, (4, 5), "u"))


def test_after_an_operation_without_an_answer_nobody_can_tell():
    """It may have been given up at any time."""
    assert set() == _doubted(_by(1, (0, None)), _by(1, (2, 4)), _by(1, (5, 6)))


def test_a_client_is_busy_until_its_longest_operation_is_over():
    """A short one meanwhile changes nothing: the third begins within the first."""
    assert {"s", "t", "u"} == _doubted(
        _by(1, (0, 9), "s"), _by(1, (1, 2), "t"), _by(1, (3, 4), "u"), _by(1, (9, 9), "v")
    )
    assert {"t", "u"} == _doubted(_by(1, (0, 1), "s"), _by(1, (1, 9), "t"), _by(2, (2, 3), "v"), _by(1, (8, 9), "u"))


def test_what_took_no_time_overlaps_nothing_of_the_same_instant():
    """In whatever order the two were recorded; two that take time do."""
    assert set() == _doubted(_by(1, (2, 2), "s"), _by(1, (2, 3), "t"))
    assert {"s", "t"} == _doubted(_by(1, (2, 4), "s"), _by(1, (2, 3), "t"))


def test_clients_may_be_numbered_anyhow():
    """From any number on, and far apart."""
    assert {"s"} == _doubted(_by(-5, (0, 3)), _by(7, (1, 9), "t"), _by(-5, (2, 4)))
    assert {"s"} == _doubted(_by(2**40, (0, 3)), _by(7, (1, 9), "t"), _by(2**40, (2, 4)))


def test_of_nothing_and_of_one_nothing_is_in_doubt():
    """Two operations are the least that can overlap."""
    assert set() == _doubted()
    assert set() == _doubted(_by(1, (0, 3)))
    assert {"s"} == _doubted(_by(1, (0, 3)), _by(1, (0, 3)))
    assert 1 == len(history(_by(1, (0, 3))).columns)

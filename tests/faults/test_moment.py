"""When a fault that waits for an event strikes."""

from __future__ import annotations

import pytest
from tests.faults.scenes import BALANCER, REPLICAS, STORES, S, scene

from outlast.errors import UsageError
from outlast.faults.moment import sessions_on_victim, slow_request
from outlast.stacks.stack import Node
from outlast.workloads.status import SlowWrite

APP_1, APP_2, _ = REPLICAS


@pytest.mark.parametrize(
    ("victims", "comes"),
    [
        ((APP_1,), False),
        ((APP_2,), True),
        ((APP_1, APP_2), True),
        ((STORES[0],), True),
        ((BALANCER,), True),
    ],
)
def test_so_many_sessions_must_live_on_the_victims_together(victims: tuple[Node, ...], comes: bool) -> None:
    """On a store, or behind a balancer, all of them do."""
    told = sessions_on_victim(8).lookout().come(scene({"app-1": 7, "app-2": 8}), victims)

    assert comes == (told is not None)


def test_the_evidence_tells_how_many() -> None:
    """It may be more than were waited for."""
    assert "15 sessions live on the victim" == sessions_on_victim(8).lookout().come(
        scene({"app-1": 7, "app-2": 8}), (APP_1, APP_2)
    )


def test_nobody_cannot_be_waited_for() -> None:
    """It would come at once, and mean nothing."""
    with pytest.raises(UsageError, match="above zero"):
        sessions_on_victim(0)


@pytest.mark.parametrize(
    ("since_s", "victim", "comes"),
    [
        (99.5, APP_1, True),
        (99.5, APP_2, False),
        (99.5, STORES[0], True),
        (99.9, APP_1, False),
        (99.1, APP_1, False),
    ],
)
def test_a_slow_request_must_be_in_its_middle_on_the_victim(since_s: float, victim: Node, comes: bool) -> None:
    """Of one that has just been sent nobody knows whether it arrived, one that is nearly over is answered before the
    strike; what is under way elsewhere is not meant."""
    slow = SlowWrite(session="s3", replica="app-1", since_ns=int(since_s * S))
    told = slow_request().lookout().come(scene(slow=[slow]), (victim,))

    assert comes == (told is not None)
    if told:
        assert "a slow request of session s3 is under way on app-1 for 0.50 s" == told

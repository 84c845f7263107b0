"""A stalled store answers nobody for as long as it was told to, and then everybody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from outlast.faults.aim import named
from outlast.faults.stall import Stall
from outlast.stacks.stack import Node, Stack

STALL = Stall(named("store"), for_s=1.0)


def test_a_stalled_store_lets_others_wait(standing: Stack, store: Node, client: Any) -> None:
    """Seen by a client that asks all the time, in the same process that goes on afterwards."""
    before = standing.state(store)
    slowest: list[float] = [0.0]
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            asked = time.monotonic()
            client.ping()
            slowest[0] = max(slowest[0], time.monotonic() - asked)

    asking = threading.Thread(target=ask)
    asking.start()
    called_ns = time.monotonic_ns()
    onset = STALL.strike(standing, store)
    returned_ns = time.monotonic_ns()
    over.set()
    asking.join()
    heal = STALL.heal(standing, store, before)

    assert onset.holds, onset.evidence
    assert onset.seen_ns is not None
    assert called_ns <= onset.seen_ns <= returned_ns
    assert slowest[0] > STALL.for_s / 2
    assert heal.holds, heal.evidence
    assert before.started == standing.state(store).started


def test_a_script_that_is_over_at_once_is_no_stall(
    standing: Stack, deaf: Callable[[Stack, str, str], Stack], store: Node
) -> None:
    """It was accepted, and nobody waited."""
    onset = STALL.strike(deaf(standing, "while clock()", "while 0 == 1 and clock()"), store)

    assert not onset.holds
    assert "a PING took" in onset.evidence


def test_a_script_that_is_refused_is_no_stall(
    standing: Stack, deaf: Callable[[Stack, str, str], Stack], store: Node
) -> None:
    """The store's own words are the evidence."""
    onset = STALL.strike(deaf(standing, "EVAL", "EVALUATE"), store)

    assert not onset.holds
    assert "nknown" in onset.evidence

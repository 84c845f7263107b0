"""Every fault strikes, is seen to, and is taken back; and one that did nothing is not believed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from outlast.faults.aim import named
from outlast.faults.crash import Crash
from outlast.faults.fault import Fault
from outlast.faults.kill import Kill
from outlast.faults.nothing import Nothing
from outlast.faults.pause import Pause
from outlast.faults.recreate import Recreate
from outlast.faults.restart import Restart
from outlast.faults.stop import Stop
from outlast.stacks.stack import Node, Stack

HIM = named("app-1")
LASTING = [Kill(HIM), Crash(HIM), Stop(HIM), Pause(HIM)]
INSTANT = [Restart(HIM), Recreate(HIM)]


def by_name(fault: Fault) -> str:
    return fault.name


class Idle:
    """A stack one verb of which only pretends: it claims a time, and does nothing."""

    def __init__(self, stack: Stack, verb: str) -> None:
        self._stack = stack
        self._verb = verb

    def __getattr__(self, name: str) -> Any:
        if name == self._verb:
            return lambda *_: time.monotonic_ns()
        return getattr(self._stack, name)


def wait_for(condition: Callable[[], bool], within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize("fault", LASTING, ids=by_name)
def test_a_lasting_fault_holds_until_it_is_healed(standing: Stack, victim: Node, client: Any, fault: Fault) -> None:
    """While it is in force the victim does not answer and others do, at the door; then the same node answers again."""
    first_boot, before = client.boot(), standing.state(victim)
    called_ns = time.monotonic_ns()

    onset = fault.strike(standing, victim)
    returned_ns = time.monotonic_ns()
    answer_meanwhile = client.boot()
    others_answer = wait_for(lambda: type(client)(standing.door()).boot() is not None)
    heal = fault.heal(standing, victim, before)

    again = type(client)(standing.address(victim))
    assert first_boot is not None
    assert onset.holds, onset.evidence
    assert onset.seen_ns is not None
    assert called_ns <= onset.seen_ns <= returned_ns
    assert answer_meanwhile is None
    assert others_answer
    assert heal.holds, heal.evidence
    assert again.boot() is not None
    assert (again.boot() == first_boot) == isinstance(fault, Pause)
    assert before.identity == standing.state(victim).identity


@pytest.mark.parametrize("fault", INSTANT, ids=by_name)
def test_an_instant_fault_is_over_when_it_is_healthy_again(
    standing: Stack, victim: Node, client: Any, fault: Fault
) -> None:
    """Its onset is when the old process was gone, its end when the new one was well; who answers then is another."""
    first_boot, before = client.boot(), standing.state(victim)
    called_ns = time.monotonic_ns()

    onset = fault.strike(standing, victim)
    heal = fault.heal(standing, victim, before)

    again = type(client)(standing.address(victim))
    assert fault.instant
    assert onset.holds, onset.evidence
    assert heal.holds, heal.evidence
    assert onset.seen_ns is not None
    assert heal.seen_ns is not None
    assert called_ns <= onset.seen_ns < heal.seen_ns
    assert again.boot() not in (None, first_boot)
    assert (before.identity != standing.state(victim).identity) == isinstance(fault, Recreate)


@pytest.mark.parametrize(
    ("fault", "verb"),
    [
        (Kill(HIM), "kill"),
        (Crash(HIM), "crash"),
        (Stop(HIM), "stop"),
        (Restart(HIM), "stop"),
        (Recreate(HIM), "recreate"),
        (Pause(HIM), "pause"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_a_harm_that_did_not_happen_is_not_proven(
    standing: Stack, victim: Node, client: Any, fault: Fault, verb: str
) -> None:
    """A mechanism that claims success and does nothing must not count as a fault that was survived."""
    boot = client.boot()

    onset = fault.strike(Idle(standing, verb), victim)

    assert not onset.holds
    assert onset.seen_ns is None
    assert "app-1" in onset.evidence
    assert boot == client.boot()


@pytest.mark.parametrize(("fault", "verb"), [(Kill(HIM), "start_node"), (Pause(HIM), "resume")], ids=["kill", "pause"])
def test_a_heal_that_did_not_happen_is_not_proven(standing: Stack, victim: Node, fault: Fault, verb: str) -> None:
    """A node that is still down or frozen is never called healed."""
    before = standing.state(victim)
    fault.strike(standing, victim)
    try:
        heal = fault.heal(Idle(standing, verb), victim, before)
    finally:
        real = fault.heal(standing, victim, before)

    assert not heal.holds
    assert real.holds, real.evidence


def test_the_dead_cannot_be_struck_and_whoever_wakes_them_they_are_healed(standing: Stack, victim: Node) -> None:
    """A node that was down already was not harmed by us; heal is proven by what it is now, not by who did it."""
    before = standing.state(victim)
    Kill(HIM).strike(standing, victim)
    again = Kill(HIM).strike(standing, victim)
    standing.start_node(victim)

    heal = Kill(HIM).heal(standing, victim, before)

    assert not again.holds
    assert "not running" in again.evidence
    assert heal.holds, heal.evidence


def test_nothing_is_proven_too(standing: Stack, victim: Node, client: Any) -> None:
    """The control leaves the node as it was, and says so."""
    boot, before = client.boot(), standing.state(victim)

    onset, heal = Nothing().strike(standing, victim), Nothing().heal(standing, victim, before)

    assert onset.holds
    assert heal.holds
    assert boot == client.boot()

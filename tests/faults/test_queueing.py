"""Queues hold back what a node sends, touch nobody else's queue, and are taken away."""

from __future__ import annotations

from typing import Any

import pytest
from tests.faults.harming import Idle, in_force

from outlast.errors import UsageError
from outlast.faults.aim import named
from outlast.faults.bandwidth import Bandwidth
from outlast.faults.delay import Delay
from outlast.faults.fault import Fault
from outlast.stacks import residue
from outlast.stacks.stack import Power, Stack

pytestmark = pytest.mark.compose

HIM = named("app-1")
FAULTS = [
    pytest.param(Bandwidth(HIM, kbit_s=256), id="bandwidth"),
    pytest.param(Delay(HIM, ms=150), id="delay"),
]


@pytest.fixture(autouse=True)
def supported(request: pytest.FixtureRequest, networked: Stack) -> None:
    """What this host's kernel lacks is skipped with the reason that users are told."""
    fault = request.node.callspec.params.get("fault") if hasattr(request.node, "callspec") else None
    for power in fault.needs if isinstance(fault, (Bandwidth, Delay)) else ():
        if reason := networked.unsupported(power):
            pytest.skip(reason)


def test_what_comes_too_fast_waits_and_what_waits_too_long_is_dropped(networked: Stack, inside: Any) -> None:
    """Of 50 kB sent at once at 8 kB/s with a tenth of a second to wait a few packets arrive; received are all."""
    if reason := networked.unsupported(Power.BANDWIDTH):
        pytest.skip(reason)
    free = inside.datagrams_arrived("app-1", "app-2", 50, 1000)
    with in_force(networked, inside, Bandwidth(HIM, kbit_s=64, wait_ms=100)) as proofs:
        held = inside.datagrams_arrived("app-1", "app-2", 50, 1000)
        received = inside.datagrams_arrived("app-2", "app-1", 50, 1000)
        queues = inside.queues("app-1")

    assert all(proof.holds for proof in proofs), proofs
    assert "qdisc tbf" in queues
    assert "tbf" not in inside.queues("app-1")
    assert (50, 50) == (free, received)
    assert 0 < held < 25


@pytest.mark.parametrize("fault", FAULTS)
def test_a_queue_of_somebody_else_is_left_alone(networked: Stack, inside: Any, fault: Fault) -> None:
    """The harm does not happen and says why; heal and undo leave the stranger's queue as it was."""
    node = inside.node("app-1")
    before = networked.state(node)
    inside.shape("app-1", "add", "tbf", "rate", "1gbit", "burst", "1mb", "latency", "1s")
    try:
        theirs = inside.queues("app-1")
        onset = fault.strike(networked, node)
        heal = fault.heal(networked, node, before)
        after = inside.queues("app-1")
    finally:
        inside.shape("app-1", "del")

    assert not onset.holds
    assert "somebody else" in onset.evidence
    assert heal.holds, heal.evidence
    assert theirs == after
    assert "tbf 8" in after


@pytest.mark.parametrize("fault", FAULTS)
def test_a_queue_that_is_not_there_is_not_proven(networked: Stack, inside: Any, fault: Fault) -> None:
    """Sabotage: tc says yes and does nothing."""
    onset = fault.strike(Idle(networked, "qdisc add"), inside.node("app-1"))  # type: ignore[arg-type]

    assert not onset.holds
    assert "no queue is there" in onset.evidence


@pytest.mark.parametrize("fault", FAULTS)
def test_not_healed_while_it_is_there_and_the_record_alone_takes_it_away(
    networked: Stack, inside: Any, fault: Fault
) -> None:
    """A heal that did nothing is not proven; the run's id and the facts suffice, twice too."""
    node = inside.node("app-1")
    before, record = networked.state(node), fault.undo(networked, node)
    onset = fault.strike(networked, node)

    idle = fault.heal(Idle(networked, "network"), node, before)  # type: ignore[arg-type]
    meanwhile = inside.queues("app-1")
    for _ in range(2):
        residue.undo("compose", networked.run_id, node.name, record.verb, dict(record.facts))

    assert onset.holds, onset.evidence
    assert not idle.holds
    assert "still there" in idle.evidence
    assert "tbf" in meanwhile or "netem" in meanwhile
    assert "qdisc noqueue 0: dev eth0" in inside.queues("app-1")


@pytest.mark.parametrize("fault", [pytest.param(Delay(HIM, ms=300), id="delay")])
def test_what_is_delayed_comes_later(networked: Stack, inside: Any, fault: Fault) -> None:
    """An answer takes at least that long: no busy machine makes that shorter."""
    with in_force(networked, inside, fault) as proofs:
        took_s = inside.seconds_to_ask("app-1", "app-2")

    assert all(proof.holds for proof in proofs), proofs
    assert took_s >= 0.3


def test_a_kernel_without_it_says_so(networked: Stack, inside: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """By name and with the reason; a strike all the same is not proven and leaves nothing."""
    from outlast.stacks.compose import kernel

    monkeypatch.setattr(kernel, "lacks", lambda image: {"netem": "Specified qdisc kind is unknown."})

    reason = networked.unsupported(Power.DELAY)
    onset = Delay(HIM).strike(networked, inside.node("app-1"))

    assert "delay is unsupported by this host: its kernel has no netem" == reason
    assert not onset.holds
    assert reason == onset.evidence
    assert networked.unsupported(Power.BANDWIDTH) is None


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Bandwidth(HIM, kbit_s=1), "from 8 kbit/s"),
        (lambda: Bandwidth(HIM, wait_ms=0), "allowed to wait"),
        (lambda: Delay(HIM, ms=0), "from 1 to 60,000 ms"),
        (lambda: Delay(HIM, ms=10, jitter_ms=11), "vary by 0 to 10 ms"),
    ],
)
def test_what_makes_no_sense_is_refused_at_birth(make: Any, told: str) -> None:
    """With what may be said instead."""
    with pytest.raises(UsageError, match=told):
        make()

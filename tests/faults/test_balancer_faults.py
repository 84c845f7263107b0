"""Faults of the balancer and of its two pools, on the lab: reload, blue/green switch and rollback, canary."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.conftest import new_run_id
from tests.faults.small_stack import Idle, answer, wait_for

from outlast.errors import EngineError, UsageError
from outlast.faults.aim import one
from outlast.faults.canary import Canary
from outlast.faults.fault import Fault
from outlast.faults.kill import Kill
from outlast.faults.reload import Reload
from outlast.faults.restart import Restart
from outlast.faults.switch import Switch
from outlast.stacks import residue
from outlast.stacks.engine import choose, open_stack
from outlast.stacks.powers import Ran, executing
from outlast.stacks.stack import Node, Role, Stack

HIM = one("balancer")
LOOKS = 30
pytestmark = pytest.mark.compose


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Two pools behind one balancer; whoever switches, switches back."""
    try:
        choose("compose")
    except EngineError as lacking:
        pytest.skip(str(lacking))
    made = open_stack("compose", "sticky-memory+blue-green", new_run_id(), tmp_path_factory.mktemp("pools"))
    try:
        made.start()
        yield made
    finally:
        made.remove()


@pytest.fixture
def balancer(stack: Stack) -> Node:
    return next(node for node in stack.nodes() if node.role is Role.BALANCER)


def builds(stack: Stack) -> Counter[str]:
    """Which build answers at the door to somebody who comes for the first time, again and again."""
    answers = [answer(stack.door(), "/me") or "" for _ in range(LOOKS)]
    return Counter("b" if '"build": "b"' in text else "a" if '"build": "a"' in text else "none" for text in answers)


class Mute(Idle):
    """A stack on which no command has an effect, though each is said to have succeeded, but for a look."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(stack, "")
        self._real = stack

    def execute(self, node: Node, command: tuple[str, ...], **_: object) -> Ran:
        look = any("/proc/" in word for word in command)
        return executing(self._real).execute(node, command) if look else Ran(0, "")


def test_four_replicas_in_two_pools_and_blue_serves(stack: Stack) -> None:
    """Green runs from the start, is healthy, answers by itself, and gets nobody."""
    replicas = {node.name: answer(stack.address(node), "/me") for node in stack.nodes() if node.role is Role.REPLICA}

    assert {"app-1", "app-2", "app-3", "app-4"} == set(replicas)
    assert all('"build": "b"' in (replicas[name] or "") for name in ("app-3", "app-4"))
    assert Counter(a=LOOKS) == builds(stack)


def test_all_are_switched_and_rolled_back(stack: Stack, balancer: Node) -> None:
    """Green alone answers between strike and heal, blue alone afterwards; the balancer was never restarted."""
    fault, before = Switch(HIM), stack.state(balancer)
    fault.undo(stack, balancer)

    onset = fault.strike(stack, balancer)
    meanwhile = builds(stack)
    heal = fault.heal(stack, balancer, before)

    assert onset.holds, onset.evidence
    assert onset.seen_ns is not None
    assert Counter(b=LOOKS) == meanwhile
    assert heal.holds, heal.evidence
    assert Counter(a=LOOKS) == builds(stack)
    assert before.started == stack.state(balancer).started


def test_a_canary_gets_a_few(stack: Stack, balancer: Node) -> None:
    """Some answers come from the new build and most from the old one; nobody is left with it after the heal."""
    fault, before = Canary(HIM), stack.state(balancer)
    fault.undo(stack, balancer)

    onset = fault.strike(stack, balancer)
    meanwhile = builds(stack)
    heal = fault.heal(stack, balancer, before)

    assert onset.holds, onset.evidence
    assert 0 < meanwhile["b"] < meanwhile["a"]
    assert 0 == meanwhile["none"]
    assert heal.holds, heal.evidence
    assert Counter(a=LOOKS) == builds(stack)


def test_a_reload_changes_the_worker_and_not_the_container(stack: Stack, balancer: Node) -> None:
    """The host's own list of processes shows another worker under the same master, and users are served."""
    fault, before = Reload(HIM), stack.state(balancer)
    fault.undo(stack, balancer)
    old = workers(stack, balancer)

    onset = fault.strike(stack, balancer)
    new = workers(stack, balancer) - old
    heal = fault.heal(stack, balancer, before)

    assert len(old) == 1
    assert onset.holds, onset.evidence
    assert len(new) == 1
    assert heal.holds, heal.evidence
    assert (before.started, before.pid) == (stack.state(balancer).started, stack.state(balancer).pid)
    assert wait_for(lambda: workers(stack, balancer) == new)
    assert Counter(a=LOOKS) == builds(stack)


def workers(stack: Stack, balancer: Node) -> set[str]:
    """The children of the container's main process, as `docker top` tells by the host's pids."""
    state = stack.state(balancer)
    shown = subprocess.run(
        ["docker", "top", state.identity, "-eo", "pid,ppid"], capture_output=True, text=True, check=True
    )
    rows = [row.split() for row in shown.stdout.splitlines()[1:]]
    return {pid for pid, parent in rows if parent == str(state.pid)}


def test_a_reload_forgets_what_was_told_at_run_time(stack: Stack, balancer: Node) -> None:
    """After a switch it brings back what the configuration says: that is a trap, and the harness shows it."""
    switch, before = Switch(HIM), stack.state(balancer)
    switch.undo(stack, balancer)
    switch.strike(stack, balancer)

    Reload(HIM).strike(stack, balancer)

    forgotten = wait_for(lambda: Counter(a=LOOKS) == builds(stack))
    assert switch.heal(stack, balancer, before).holds
    assert forgotten


@pytest.mark.parametrize("fault", [Kill(HIM), Restart(HIM)], ids=["kill", "restart"])
def test_the_balancer_is_a_node_like_any_other(stack: Stack, balancer: Node, fault: Fault) -> None:
    """It can be killed and restarted; the door is at the same address afterwards."""
    door, before = stack.door(), stack.state(balancer)
    fault.undo(stack, balancer)

    onset = fault.strike(stack, balancer)
    silent = answer(stack.door(), "/me") is None
    heal = fault.heal(stack, balancer, before)

    assert onset.holds, onset.evidence
    assert silent == isinstance(fault, Kill)
    assert heal.holds, heal.evidence
    assert door == stack.door()
    assert wait_for(lambda: Counter(a=LOOKS) == builds(stack))


@pytest.mark.parametrize("fault", [Switch(HIM), Canary(HIM), Reload(HIM)], ids=["switch", "canary", "reload"])
def test_a_harm_that_did_not_happen_is_not_proven(
    stack: Stack, balancer: Node, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that says it succeeded and did nothing must not count."""
    for name in ("switch.ANSWERS_S", "canary.ANSWERS_S", "reload.TAKES_OVER_S"):
        monkeypatch.setattr(f"outlast.faults.{name}", 0.5)
    fault.undo(stack, balancer)

    onset = fault.strike(Mute(stack), balancer)

    assert not onset.holds
    assert onset.seen_ns is None
    assert Counter(a=LOOKS) == builds(stack)


@pytest.mark.parametrize("fault", [Switch(HIM), Canary(HIM)], ids=["switch", "canary"])
def test_a_heal_that_did_not_happen_is_not_proven(
    stack: Stack, balancer: Node, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the door still tells the other build, nothing is healed."""
    before = stack.state(balancer)
    fault.undo(stack, balancer)
    fault.strike(stack, balancer)
    with monkeypatch.context() as patched:
        for name in ("switch", "canary"):
            patched.setattr(f"outlast.faults.{name}.ANSWERS_S", 0.5)
        heal = fault.heal(Idle(stack, "undo"), balancer, before)
    real = fault.heal(stack, balancer, before)

    assert not heal.holds
    assert real.holds, real.evidence


@pytest.mark.parametrize("fault", [Switch(HIM), Canary(HIM)], ids=["switch", "canary"])
def test_the_record_alone_takes_it_back(stack: Stack, balancer: Node, fault: Fault) -> None:
    """Another process, which knows only the record, runs the command that leads back; twice is once."""
    record = fault.undo(stack, balancer)
    onset = fault.strike(stack, balancer)

    for _ in range(2):
        residue.undo("compose", stack.run_id, balancer.name, record.verb, dict(record.facts))

    assert onset.holds, onset.evidence
    assert wait_for(lambda: Counter(a=LOOKS) == builds(stack))


def test_a_refused_command_is_told(stack: Stack, balancer: Node) -> None:
    """The balancer's own words are the evidence, in the harm and in the undoing."""
    wrong = ("haproxy-tell", "set server replicas/app-9 state ready")
    onset = Switch(HIM, to=wrong).strike(stack, balancer)

    assert not onset.holds
    assert "No such server" in onset.evidence


def test_a_main_process_without_workers_cannot_be_reloaded(stack: Stack) -> None:
    """Nor is a signal sent to it: it might end it."""
    replica = next(node for node in stack.nodes() if node.role is Role.REPLICA)
    before = stack.state(replica)

    onset = Reload(HIM).strike(stack, replica)

    assert not onset.holds
    assert "no workers" in onset.evidence
    assert before == stack.state(replica)


def test_a_signal_is_a_name() -> None:
    """Nothing that a shell would take for more."""
    with pytest.raises(UsageError, match="give its name, such as USR2"):
        Reload(HIM, signal="USR2; reboot")


def test_the_local_engine_skips_them(tmp_path: Path) -> None:
    """By name, with the reason: what they need is a power that it lacks."""
    local = open_stack("local", "sticky-memory", new_run_id(), tmp_path)

    assert all(local.unsupported(power) for fault in (Switch, Canary, Reload) for power in fault.needs)

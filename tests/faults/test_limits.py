"""Starvation and want of memory: the kernel's own counters and a client see them come and go."""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.conftest import new_run_id
from tests.faults.small_stack import Idle, answer, small_stack, wait_for

from outlast.errors import EngineError, UsageError
from outlast.faults.aim import named
from outlast.faults.fault import Fault, Undo
from outlast.faults.out_of_memory import OutOfMemory
from outlast.faults.starve import Starve
from outlast.stacks import residue
from outlast.stacks.compose.stack import ComposeStack
from outlast.stacks.engine import choose
from outlast.stacks.powers import Limit
from outlast.stacks.stack import Node, Status

HIM = named("app-1")
FAULTS = [OutOfMemory(HIM), Starve(HIM)]
pytestmark = pytest.mark.compose


def by_name(fault: Fault) -> str:
    return fault.name


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposeStack]:
    """One web server; whoever harms it heals it."""
    try:
        choose("compose")
    except EngineError as lacking:
        pytest.skip(str(lacking))
    with small_stack(tmp_path_factory.mktemp("small"), new_run_id()) as made:
        yield made


@pytest.fixture
def node(stack: ComposeStack) -> Node:
    return stack.nodes()[0]


def inspected(stack: ComposeStack, node: Node, what: str) -> str:
    """One value of `docker inspect`, by the docker command."""
    asked = ["docker", "inspect", stack.state(node).identity, "--format", what]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


def quota_us(stack: ComposeStack, node: Node) -> int:
    """The quota that the kernel knows, read in the container; -1 is none."""
    script = "cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cat /sys/fs/cgroup/cpu.max"
    return int(stack.execute(node, ["sh", "-c", script], within_s=30).output.split()[0].replace("max", "-1"))


def memory_limit_bytes(stack: ComposeStack, node: Node) -> int:
    """The limit that the kernel knows, read in the container."""
    script = "cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max"
    return int(stack.execute(node, ["sh", "-c", script]).output.strip().replace("max", str(2**63 - 4096)))


def kernel_kills() -> int:
    """How many processes the kernel has killed for want of memory since this machine was started."""
    found = re.search(r"^oom_kill (\d+)$", Path("/proc/vmstat").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


def test_the_kernel_kills_it_for_want_of_memory_and_it_comes_back_without_limit(
    stack: ComposeStack, node: Node
) -> None:
    """The kernel counts its own kill, Docker says OOMKilled and 137, nobody answers; then the same node does again."""
    kills, limit_before, before = kernel_kills(), memory_limit_bytes(stack, node), stack.state(node)
    fault = OutOfMemory(HIM)
    fault.undo(stack, node)
    called_ns = time.monotonic_ns()

    onset = fault.strike(stack, node)
    returned_ns = time.monotonic_ns()
    told = inspected(stack, node, "{{.State.OOMKilled}} {{.State.ExitCode}} {{.State.Status}}")
    nobody = answer(stack.address(node))
    heal = fault.heal(stack, node, before)

    assert onset.holds, onset.evidence
    assert onset.seen_ns is not None
    assert called_ns <= onset.seen_ns <= returned_ns
    assert kernel_kills() > kills
    assert "true 137 exited" == told
    assert nobody is None
    assert heal.holds, heal.evidence
    assert answer(stack.address(node)) is not None
    assert limit_before == memory_limit_bytes(stack, node)
    assert before.identity == stack.state(node).identity


def test_a_starved_node_is_slow_and_then_fast_again(stack: ComposeStack, node: Node) -> None:
    """Work takes ten times its own CPU time at least under the quota; after it the kernel holds nobody back."""
    before = stack.state(node)
    fault = Starve(HIM)
    fault.undo(stack, node)

    onset = fault.strike(stack, node)
    quota, (took_s, cpu_s) = quota_us(stack, node), work(stack, node)
    heal = fault.heal(stack, node, before)

    assert onset.holds, onset.evidence
    assert 2000 == quota
    assert took_s > 10 * cpu_s
    assert heal.holds, heal.evidence
    assert -1 == quota_us(stack, node)
    held_back = times_held_back(stack, node)
    work(stack, node)
    assert held_back == times_held_back(stack, node) > 0
    assert before == stack.state(node)


def work(stack: ComposeStack, node: Node) -> tuple[float, float]:
    """A piece of work in the node: seconds that we waited for it, seconds of CPU that it used."""
    began = time.monotonic()
    ran = stack.execute(
        node, ["python3", "-c", "import time; sum(range(1_000_000)); print(time.process_time())"], within_s=60
    )
    return time.monotonic() - began, float(ran.output)


def times_held_back(stack: ComposeStack, node: Node) -> int:
    """How often the kernel held the node back, as its control group counts."""
    ran = stack.execute(node, ["sh", "-c", "cat /sys/fs/cgroup/cpu/cpu.stat /sys/fs/cgroup/cpu.stat 2>/dev/null"])
    found = re.search(r"^nr_throttled (\d+)$", ran.output, re.MULTILINE)
    assert found is not None
    return int(found[1])


@pytest.mark.parametrize(
    ("fault", "verb"), [(FAULTS[0], "exhaust_memory"), (FAULTS[1], "limit")], ids=["out_of_memory", "starve"]
)
def test_a_harm_that_did_not_happen_is_not_proven(stack: ComposeStack, node: Node, fault: Fault, verb: str) -> None:
    """A mechanism that claims success and does nothing must not count as a fault that was survived."""
    before = stack.state(node)
    fault.undo(stack, node)

    onset = fault.strike(Idle(stack, verb), node)

    assert not onset.holds
    assert onset.seen_ns is None
    assert "app-1" in onset.evidence
    assert before == stack.state(node)


def test_memory_taken_without_a_limit_that_holds_kills_nobody(
    stack: ComposeStack, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the limit silently does nothing, what is taken inside is bounded, nobody dies, and that is said."""
    fault, before = OutOfMemory(HIM), stack.state(node)
    fault.undo(stack, node)
    monkeypatch.setattr("outlast.stacks.compose.limiting.limit", lambda *_: None)

    onset = fault.strike(stack, node)

    assert not onset.holds
    assert "nobody was killed" in onset.evidence
    assert before == stack.state(node)


def test_another_death_is_not_taken_for_the_kernels(stack: ComposeStack, node: Node) -> None:
    """A node that was killed by somebody is not one that the kernel killed for want of memory."""
    before = stack.state(node)
    fault = OutOfMemory(HIM)
    fault.undo(stack, node)

    class Killing(Idle):
        def exhaust_memory(self, node: Node) -> int:
            return stack.kill(node)

    onset = fault.strike(Killing(stack, ""), node)
    heal = fault.heal(stack, node, before)

    assert not onset.holds
    assert heal.holds, heal.evidence


@pytest.mark.parametrize("fault", FAULTS, ids=by_name)
def test_a_heal_that_did_not_happen_is_not_proven(stack: ComposeStack, node: Node, fault: Fault) -> None:
    """Limits that are still in force are never called healed, though the node may run."""
    before = stack.state(node)
    fault.undo(stack, node)
    fault.strike(stack, node)
    try:
        heal = fault.heal(Idle(stack, "undo"), node, before)
    finally:
        real = fault.heal(stack, node, before)

    assert not heal.holds
    assert "its limits are" in heal.evidence
    assert real.holds, real.evidence


@pytest.mark.parametrize("fault", FAULTS, ids=by_name)
def test_the_record_alone_takes_it_back(stack: ComposeStack, node: Node, fault: Fault) -> None:
    """Another process, which knows only the record, brings the node back with the limits that it had; twice is once."""
    limits = stack.limits(node)
    record = fault.undo(stack, node)
    fault.strike(stack, node)

    for _ in range(2):
        residue.undo("compose", stack.run_id, node.name, record.verb, dict(record.facts))

    assert wait_for(lambda: answer(stack.address(node)) is not None)
    assert limits == stack.limits(node)
    assert wait_for(lambda: stack.state(node).healthy is True)


def test_limits_that_were_there_are_there_again(stack: ComposeStack, node: Node) -> None:
    """A quota and a limit of memory of the node's own survive a harm and its undoing."""
    own = Limit(cpus=1.5, memory_bytes=200 * 1024 * 1024)
    facts = stack.limit_facts(node)
    stack.limit(node, own)
    try:
        before = stack.state(node)
        for fault in FAULTS:
            fault.undo(stack, node)
            onset = fault.strike(stack, node)
            heal = fault.heal(stack, node, before)
            before = stack.state(node)
            assert onset.holds, onset.evidence
            assert heal.holds, heal.evidence
            assert own == stack.limits(node)
        assert 150_000 == quota_us(stack, node)
        assert own.memory_bytes == memory_limit_bytes(stack, node)
    finally:
        stack.undo(node, "relax", facts)


def test_what_was_never_done_is_undone_without_a_trace(stack: ComposeStack, node: Node) -> None:
    """A record whose harness died before the effect changes nothing."""
    record: Undo = Starve(HIM).undo(stack, node)
    before, settings = stack.state(node), inspected(stack, node, "{{json .HostConfig}}")

    residue.undo("compose", stack.run_id, node.name, record.verb, dict(record.facts))

    assert (before, settings) == (stack.state(node), inspected(stack, node, "{{json .HostConfig}}"))


def test_a_dead_node_is_not_starved(stack: ComposeStack, node: Node) -> None:
    """What does not run cannot be held back."""
    fault = Starve(HIM)
    fault.undo(stack, node)
    stack.kill(node)
    with contextlib.ExitStack() as afterwards:
        afterwards.callback(stack.start_node, node)
        onset = fault.strike(stack, node)

    assert not onset.holds
    assert Status.RUNNING is stack.state(node).status


def test_a_share_that_docker_would_refuse_is_refused_at_birth() -> None:
    """The sentence says what to give."""
    with pytest.raises(UsageError, match=r"give a part of a core from 0\.01"):
        Starve(HIM, cpus=0.001)

"""A full disk: the store itself refuses to write, and writes again afterwards; a large disk is never filled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.faults.conftest import new_run_id
from tests.faults.small_stack import ONE, Idle, small_stack, wait_for

from outlast.errors import EngineError, UsageError
from outlast.faults.aim import named
from outlast.faults.fill_disk import NAME, FillDisk
from outlast.stacks import residue
from outlast.stacks.compose.stack import ComposeStack
from outlast.stacks.engine import choose
from outlast.stacks.powers import Ran
from outlast.stacks.stack import Node

STORE = """
  store:
    image: "${OUTLAST_LAB_IMAGE:-outlast-lab:latest}"
    command: [redis-server, --dir, /data, --save, "", --appendonly, "yes"]
    volumes: ["small:/data", "kept:/kept"]
    user: root
    healthcheck: {test: [CMD, redis-cli, ping], interval: 1s, timeout: 30s, retries: 30}
    x-outlast: {role: store, port: 6379}
volumes:
  small: {driver_opts: {type: tmpfs, device: tmpfs, o: size=8m}}
  kept:
"""
pytestmark = pytest.mark.compose


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposeStack]:
    """A Redis that logs every write to a disk of 8 MB, and a web server beside it."""
    try:
        choose("compose")
    except EngineError as lacking:
        pytest.skip(str(lacking))
    with small_stack(tmp_path_factory.mktemp("small"), new_run_id(), ONE + STORE) as made:
        yield made


@pytest.fixture
def store(stack: ComposeStack) -> Node:
    return next(node for node in stack.nodes() if node.name == "store")


@pytest.fixture
def fault() -> FillDisk:
    return FillDisk(named("store"))


def set_value(stack: ComposeStack, store: Node, text: str) -> str:
    """What Redis says to a write; "" when it does not run."""
    if stack.state(store).pid is None:
        return ""
    return stack.execute(store, ["redis-cli", "set", "key", text]).output.strip()


def test_the_store_cannot_write_until_it_is_healed(stack: ComposeStack, store: Node, fault: FillDisk) -> None:
    """A client's write is not acknowledged while the disk is full, and is afterwards."""
    before = stack.state(store)
    assert "OK" == set_value(stack, store, "before")
    fault.undo(stack, store)

    onset = fault.strike(stack, store)
    refused = wait_for(lambda: set_value(stack, store, "x" * 4096).startswith("MISCONF"))
    heal = fault.heal(stack, store, before)

    assert onset.holds, onset.evidence
    assert onset.seen_ns is not None
    assert "0.0 of 8 MB free" in onset.evidence
    assert refused
    assert heal.holds, heal.evidence
    assert wait_for(lambda: "OK" == set_value(stack, store, "after"))
    assert "" == stack.execute(store, ["find", "/data", "-name", f"{NAME}*"]).output


def test_a_store_that_ends_over_it_is_brought_back(stack: ComposeStack, store: Node, fault: FillDisk) -> None:
    """A Redis that must sync every write ends itself when it cannot; the heal removes the file and starts it."""
    before = stack.state(store)
    stack.execute(store, ["redis-cli", "config", "set", "appendfsync", "always"])
    fault.undo(stack, store)

    onset = fault.strike(stack, store)
    ended = wait_for(lambda: set_value(stack, store, "x" * 4096) == "" and stack.state(store).pid is None)
    heal = fault.heal(stack, store, before)

    assert onset.holds, onset.evidence
    assert ended
    assert heal.holds, heal.evidence
    assert "OK" == set_value(stack, store, "after")


def test_a_large_disk_is_refused_before_anything_is_written(stack: ComposeStack) -> None:
    """The container's own layer lies on the machine's disk; the sentence says what to do instead."""
    other = stack.nodes()[0]

    with pytest.raises(UsageError, match=r"lies on a disk of \d+ MB.*small-disk"):
        FillDisk(named("app-1")).undo(stack, other)


def test_a_harm_that_did_not_happen_is_not_proven(stack: ComposeStack, store: Node, fault: FillDisk) -> None:
    """When nothing fills the disk, the write that should fail succeeds, and that is said."""
    fault.undo(stack, store)

    class Unfilled(Idle):
        def execute(self, node: Node, command: list[str], **_: object) -> Ran:
            return stack.execute(node, [word.replace('dd if=/dev/zero of="$1" ', "true ") for word in command])

    onset = fault.strike(Unfilled(stack, ""), store)

    assert not onset.holds
    assert "with success" in onset.evidence
    assert "OK" == set_value(stack, store, "still")


def test_a_heal_that_did_not_happen_is_not_proven(stack: ComposeStack, store: Node, fault: FillDisk) -> None:
    """A disk that is still full is never called healed, though the store may run."""
    before = stack.state(store)
    fault.undo(stack, store)
    fault.strike(stack, store)
    try:
        heal = fault.heal(Idle(stack, "undo"), store, before)
    finally:
        real = fault.heal(stack, store, before)

    assert not heal.holds
    assert "No space left on device" in heal.evidence
    assert real.holds, real.evidence


def test_the_record_alone_takes_it_back(stack: ComposeStack, store: Node, fault: FillDisk) -> None:
    """Another process, which knows only the record, gives the room back; twice is once."""
    record = fault.undo(stack, store)
    onset = fault.strike(stack, store)

    for _ in range(2):
        residue.undo("compose", stack.run_id, store.name, record.verb, dict(record.facts))

    assert onset.holds, onset.evidence
    assert wait_for(lambda: "OK" == set_value(stack, store, "after"))


def test_a_file_that_keeps_a_node_from_starting_is_removed_while_it_is_down(stack: ComposeStack, store: Node) -> None:
    """A helper beside the stopped node removes it from the volume, and leaves nothing of itself."""
    path = f"/kept/{NAME}"
    assert 0 == stack.execute(store, ["touch", path]).code
    stack.kill(store)

    residue.undo("compose", stack.run_id, store.name, "remove_and_start", {"path": path})

    stack.start_node(store)
    assert "" == stack.execute(store, ["find", "/kept", "-type", "f"]).output
    assert len(stack.nodes()) == len([one for one in residue.left("compose", stack.run_id) if "container" in one])

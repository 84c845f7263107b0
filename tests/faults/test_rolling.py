"""A rolling restart and a rolling deployment: one after the other, never two at once, seen by a client of both."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from random import Random

import pytest
from tests.faults.conftest import new_run_id
from tests.faults.small_stack import PAIR, Idle, answer, small_stack, wait_for

from outlast.errors import EngineError, StackError
from outlast.faults.aim import every
from outlast.faults.deploy import Deploy
from outlast.faults.fault import Fault
from outlast.faults.rolling_restart import RollingRestart
from outlast.stacks import residue
from outlast.stacks.compose.stack import ComposeStack
from outlast.stacks.engine import choose

ALL = every("replica")
FAULTS = [
    RollingRestart(ALL, ready_s=0.5),
    RollingRestart(ALL, ready_s=0.5, drained=False),
    Deploy(ALL, ready_s=0.5),
    Deploy(ALL, ready_s=0.5, build="a"),
]
IDS = ["drained", "undrained", "deploy", "rollback"]
pytestmark = [pytest.mark.compose, pytest.mark.slow]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposeStack]:
    """Two replicas of the lab's app; whoever harms them heals them."""
    try:
        choose("compose")
    except EngineError as lacking:
        pytest.skip(str(lacking))
    with small_stack(tmp_path_factory.mktemp("small"), new_run_id(), PAIR) as made:
        yield made


class Onlooker:
    """Asks both replicas without a break, and counts when neither answered."""

    def __init__(self, stack: ComposeStack) -> None:
        self._stack = stack
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.looks = self.both_gone = self.one_gone = 0

    def __enter__(self) -> Onlooker:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.is_set():
            gone = [answer(self._stack.address(node), "/me") is None for node in self._stack.nodes()]
            self.looks += 1
            self.both_gone += all(gone)
            self.one_gone += any(gone)


def told(stack: ComposeStack, what: str) -> list[str]:
    """The same field of each replica's own answer."""
    return [str(json.loads(answer(stack.address(node), "/me") or "{}").get(what)) for node in stack.nodes()]


@pytest.mark.parametrize("fault", FAULTS, ids=IDS)
def test_it_goes_over_all_nodes_and_one_always_answers(stack: ComposeStack, fault: Fault) -> None:
    """Each of them is another start afterwards, each onset lies after the one before, and a client always found one."""
    nodes = fault.aim.choose(stack.nodes(), Random(1))
    boots = told(stack, "boot")
    befores = [stack.state(node) for node in nodes]

    with Onlooker(stack) as onlooker:
        for node in nodes:
            fault.undo(stack, node)
        onsets = [fault.strike(stack, node) for node in nodes]
        heals = [fault.heal(stack, node, before) for node, before in zip(nodes, befores, strict=True)]

    times = [onset.seen_ns for onset in onsets if onset.seen_ns is not None]
    assert ("app-1", "app-2") == tuple(node.name for node in nodes)
    assert all(onset.holds for onset in onsets), [onset.evidence for onset in onsets]
    assert all(heal.holds for heal in heals), [heal.evidence for heal in heals]
    assert len(times) == len(nodes)
    assert times == sorted(times)
    assert onlooker.one_gone > 0
    assert 0 == onlooker.both_gone
    assert not set(boots) & set(told(stack, "boot"))


@pytest.mark.parametrize(("drained", "code"), [(True, "0"), (False, "137")])
def test_who_is_drained_ends_by_itself_and_who_is_not_is_killed(stack: ComposeStack, drained: bool, code: str) -> None:
    """The daemon's own `die` event tells the exit code of each."""
    fault, node = RollingRestart(ALL, ready_s=0, drained=drained), stack.nodes()[0]
    before, began = stack.state(node), int(time.time())

    fault.strike(stack, node)

    asked = ["docker", "events", "--since", str(began), "--until", "0s", "--filter", f"container={before.identity}"]
    asked += ["--filter", "event=die", "--format", '{{index .Actor.Attributes "exitCode"}}']
    assert [code] == subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    assert fault.heal(stack, node, before).holds


def test_a_deployed_build_stays_and_is_kept_by_a_recreation(stack: ComposeStack) -> None:
    """Build b answers after one node's deployment, and after a later recreation; a rollback brings a back."""
    node, other = stack.nodes()
    others = stack.state(other)
    build_b, build_a = Deploy(ALL, ready_s=0), Deploy(ALL, ready_s=0, build="a")
    before = stack.state(node)

    onset = build_b.strike(stack, node)
    assert onset.holds, onset.evidence
    assert "build b" in onset.evidence
    assert ["b", "a"] == told(stack, "build")
    stack.recreate(node)
    stack.start_node(node)
    assert ["b", "a"] == told(stack, "build")
    assert build_b.heal(stack, node, before).holds

    before = stack.state(node)
    assert build_a.strike(stack, node).holds
    assert build_a.heal(stack, node, before).holds
    assert ["a", "a"] == told(stack, "build")
    assert others == stack.state(other)


@pytest.mark.parametrize(
    ("fault", "verb"),
    [(FAULTS[0], "stop"), (FAULTS[1], "kill"), (FAULTS[2], "deploy")],
    ids=["drained", "undrained", "deploy"],
)
def test_a_harm_that_did_not_happen_is_not_proven(stack: ComposeStack, fault: Fault, verb: str) -> None:
    """A mechanism that claims success and does nothing must not count as a fault that was survived."""
    node = stack.nodes()[0]
    before, boots = stack.state(node), told(stack, "boot")

    onset = fault.strike(Idle(stack, verb), node)
    heal = fault.heal(stack, node, before)

    assert not onset.holds
    assert onset.seen_ns is None
    assert "app-1" in onset.evidence
    assert not heal.holds
    assert boots == told(stack, "boot")


def test_a_new_container_of_the_old_build_is_no_deployment(stack: ComposeStack) -> None:
    """What runs is told by its own answers: a recreation that forgot the variable is not build b."""
    node = stack.nodes()[0]

    class Forgetful(Idle):
        def deploy(self, node: object, variables: object) -> int:
            return stack.recreate(stack.nodes()[0])

    onset = Deploy(ALL, ready_s=0).strike(Forgetful(stack, ""), node)

    assert not onset.holds
    assert 'no answer to /me holds "build": "b"' in onset.evidence


def test_a_node_that_does_not_come_back_ends_it(stack: ComposeStack) -> None:
    """The next node is not struck: the fault raises, and is undone by its record."""
    node = stack.nodes()[0]
    fault = RollingRestart(ALL, drained=False)
    before, record = stack.state(node), fault.undo(stack, node)

    class Lazy(Idle):
        def start_node(self, node: object) -> None:
            raise StackError("it does not start")

    with pytest.raises(StackError, match="does not start"):
        fault.strike(Lazy(stack, ""), node)
    residue.undo("compose", stack.run_id, node.name, record.verb, {**dict(record.facts), "identity": before.identity})

    assert wait_for(lambda: answer(stack.address(node), "/me") is not None)
    assert wait_for(lambda: stack.state(node).healthy is True)

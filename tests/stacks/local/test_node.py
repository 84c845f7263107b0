"""A process and its policy: what is restarted, what is not, and what never outlives what."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from outlast.errors import StackError
from outlast.stacks import proc
from outlast.stacks.local.node import LocalNode
from outlast.stacks.local.place import Place
from outlast.stacks.stack import Address

pytestmark = pytest.mark.local

# Starts a child, says both pids, and ends with the exit code 3 when it is told to (SIGUSR1).
CODE = """
import os, signal, sys, time
signal.signal(signal.SIGUSR1, lambda *_: os._exit(3))
child = os.fork()
if child: print(os.getpid(), child, flush=True)
while True: time.sleep(1)
"""
MakeNode = Callable[[str], LocalNode]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[MakeNode]:
    """Makes nodes with a policy."""
    made: list[LocalNode] = []

    def one(restart: str) -> LocalNode:
        place = Place(
            name="app-1",
            command=(sys.executable, "-c", CODE),
            environment={"PATH": os.environ["PATH"]},
            data=tmp_path / "data",
            log=tmp_path / "logs" / "app-1.log",
            address=Address("127.0.0.1", 0),
            health=None,
            restart=restart,
            keeps_data=False,
        )
        made.append(LocalNode(place, "test-node", "owner"))
        made[-1].start()
        return made[-1]

    yield one
    for node in made:
        node.end()


def wait_for(condition: Callable[[], object], within_s: float = 5.0) -> bool:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def starts(node: LocalNode) -> list[list[int]]:
    """The pids, of main process and child, of every start that came so far as to say them."""
    log = node.place.log
    return [[int(pid) for pid in line.split()] for line in log.read_text().splitlines()] if log.exists() else []


def ends(node: LocalNode, how: signal.Signals, *, unwanted: bool = False) -> None:
    """Wait until it runs, send the signal, and wait until it has ended."""
    count = len(starts(node))
    assert wait_for(lambda: len(starts(node)) > 0)
    assert node.wait_gone(node.signal(how, unwanted=unwanted), 5.0) is not None
    assert len(starts(node)) >= count


@pytest.mark.parametrize(
    ("restart", "how", "comes_back"),
    [
        ("no", signal.SIGKILL, False),
        ("always", signal.SIGKILL, True),
        ("always", signal.SIGUSR1, True),
        ("unless-stopped", signal.SIGKILL, True),
        ("on-failure", signal.SIGUSR1, True),
        ("on-failure:3", signal.SIGKILL, True),
        ("on-failure:0", signal.SIGKILL, False),
    ],
)
def test_the_policy_decides_who_comes_back(make: MakeNode, restart: str, how: signal.Signals, comes_back: bool) -> None:
    """As Docker reads the same words."""
    node = make(restart)
    ends(node, how)

    assert comes_back == wait_for(lambda: len(starts(node)) == 2, 2.0 if comes_back else 0.4)


def test_after_an_unwanted_end_no_policy_acts(make: MakeNode) -> None:
    """Kill and stop are the user's own wish."""
    node = make("always")
    ends(node, signal.SIGKILL, unwanted=True)

    assert not wait_for(lambda: len(starts(node)) == 2, 0.4)
    assert not node.restarting


def test_a_node_that_is_stopped_while_it_waits_for_its_restart_stays_down(make: MakeNode) -> None:
    """Taking the stack down must not race with a policy."""
    node = make("always")
    for _ in range(3):  # each failure doubles the wait
        assert wait_for(lambda: node.current is not None and node.current.gone_ns is None)
        node.wait_gone(node.signal(signal.SIGKILL), 5.0)
    count = len(starts(node))

    node.end()

    assert not wait_for(lambda: len(starts(node)) > count, 1.0)


def test_nothing_of_it_outlives_its_main_process(make: MakeNode) -> None:
    """As in a container, whose other processes die with the first."""
    node = make("no")
    assert wait_for(lambda: starts(node))
    ((main, child),) = starts(node)

    node.wait_gone(node.signal(signal.SIGKILL), 5.0)

    assert wait_for(lambda: (seen := proc.look(child)) is None or seen.gone)
    assert proc.look(main) is None


def test_a_node_that_is_down_takes_no_signal(make: MakeNode) -> None:
    """Its pid may be somebody else's by now."""
    node = make("no")
    ends(node, signal.SIGKILL)

    with pytest.raises(StackError, match="app-1 is not running"):
        node.signal(signal.SIGKILL)


def test_starting_what_runs_changes_nothing(make: MakeNode) -> None:
    """As docker start does."""
    node = make("no")
    before = node.current
    node.start()

    assert before is node.current


def test_identity_outlives_a_restart_and_not_a_burial(make: MakeNode) -> None:
    """A recreated node is another node, and its data that is on no volume is gone."""
    node = make("no")
    first = node.identity
    (node.place.data / "session").write_text("mine")
    ends(node, signal.SIGKILL)
    node.start()
    second = node.identity
    kept = (node.place.data / "session").exists()
    ends(node, signal.SIGKILL)
    node.bury()
    node.start()

    assert first == second
    assert kept
    assert node.identity not in ("", first)
    assert not (node.place.data / "session").exists()

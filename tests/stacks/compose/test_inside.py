"""A shell held inside a node: faster than docker exec, and otherwise nobody can tell it from one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from typing import Any

import pytest

from outlast.errors import StackError

pytestmark = [pytest.mark.compose, pytest.mark.parametrize("engine", ["compose"], indirect=True, scope="session")]

ALONE = """
    services:
      app-1:
        <<: *app
        x-outlast: {role: replica, port: 8000}
    """
WHOSE = ["sh", "-c", "echo ${OUTLAST_RUN:-of an exec}"]
"""A held shell is marked as the run's, and so is what it starts."""


@pytest.fixture
def stack(small: Any) -> Any:
    """One node, in which no shell is held yet."""
    made = small(ALONE, "inside")
    made.start()
    return made


def shells(container: str) -> int:
    """How many shells run in there, as the docker command shows them."""
    shown = subprocess.run(["docker", "top", container, "-o", "pid,comm"], capture_output=True, text=True, check=True)
    return sum(line.split()[1] == "sh" for line in shown.stdout.splitlines()[1:])


def ends(container: str, within_s: float = 10.0) -> bool:
    """Whether no shell is left in there."""
    deadline = time.monotonic() + within_s
    while shells(container):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_commands_come_back_as_they_do_from_an_exec(stack: Any) -> None:
    """Words with quotes and lines, exit codes, both streams; another user or a secret is not the shell's matter."""
    (node,) = stack.nodes()
    odd = "a 'b' \"c\" $HOME\n`d`"
    # One stream for each: in which order an exec tells of two, it does not say.
    scripts = ("echo out; exit 7", "echo err >&2; exit 3", "cat; id -un")
    commands = [["printf", "%s", odd], *(["sh", "-c", script] for script in scripts)]

    before = [stack.execute(node, command) for command in commands]
    outside = stack.execute(node, WHOSE)
    stack.prepare_inside(node)
    stack.prepare_inside(node)
    after = [stack.execute(node, command) for command in commands]
    others = [stack.execute(node, WHOSE, user="nobody"), stack.execute(node, WHOSE, environment={"A": "b"})]
    inside = stack.execute(node, WHOSE)

    assert before == after
    assert odd == after[0].output
    assert [(7, "out\n"), (3, "err\n")] == [(ran.code, ran.output) for ran in after[1:3]]
    assert "inside" == inside.output.strip()
    assert ["of an exec"] * 3 == [ran.output.strip() for ran in (outside, *others)]
    assert 1 == shells(stack.state(node).identity)


def test_a_command_need_not_wait_for_another_one(stack: Any) -> None:
    """The first one waits for what only the second one does."""
    (node,) = stack.nodes()
    stack.prepare_inside(node)
    waits = ["sh", "-c", "touch /tmp/waits; until [ -e /tmp/go ]; do sleep 0.02; done"]
    codes: list[int] = []
    waiting = threading.Thread(target=lambda: codes.append(stack.execute(node, waits, within_s=20).code))

    waiting.start()
    goes = stack.execute(node, ["sh", "-c", "until [ -e /tmp/waits ]; do sleep 0.02; done; touch /tmp/go"], within_s=30)
    waiting.join(timeout=60)

    assert 0 == goes.code
    assert [0] == codes


def test_one_that_hangs_is_told_and_the_next_one_runs(stack: Any) -> None:
    """It costs the shell; a frozen node or one started anew is met by docker exec, which says what is the matter."""
    (node,) = stack.nodes()
    stack.prepare_inside(node)
    with pytest.raises(StackError, match="did not end within"):
        stack.execute(node, ["sleep", "60"], within_s=0.5)
    after = stack.execute(node, WHOSE)
    stack.prepare_inside(node)
    stack.pause(node)
    with pytest.raises(StackError, match="paused"):
        stack.execute(node, WHOSE)
    stack.resume(node)
    resumed = stack.execute(node, WHOSE)
    stack.kill(node)
    stack.start_node(node)
    anew = stack.execute(node, WHOSE)

    assert ["of an exec", "inside", "of an exec"] == [ran.output.strip() for ran in (after, resumed, anew)]


DYING = """
    import signal, sys
    from outlast.stacks.compose.containers import Containers
    from outlast.stacks.compose.daemon import connect
    from outlast.stacks.compose.inside import Inside
    from outlast.stacks.owner import RUN_LABEL
    from outlast.stacks.stack import Node, Role

    client = connect()
    sight = Containers(client, f"{RUN_LABEL}={sys.argv[1]}").look(Node("app-1", Role.REPLICA, "app-1"))
    inside = Inside(client, {"OUTLAST_RUN": "dying"})
    inside.open(sight, "")
    print(inside.run(sight, ["sh", "-c", "echo $OUTLAST_RUN"], "", 10).output.strip(), flush=True)
    signal.pause()
"""


def test_it_ends_with_its_owner(stack: Any) -> None:
    """Killed or closed in order: nothing of ours runs on in somebody's node."""
    (node,) = stack.nodes()
    container = stack.state(node).identity
    owner = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(DYING), stack.run_id], stdout=subprocess.PIPE, text=True
    )
    with owner:
        assert owner.stdout is not None
        said = owner.stdout.readline().strip()
        held = shells(container)
        os.kill(owner.pid, signal.SIGKILL)
    killed = ends(container)
    stack.prepare_inside(node)
    held_again = shells(container)
    stack._let_go()

    assert ("dying", 1, 1) == (said, held, held_again)
    assert killed
    assert ends(container)

"""What every engine does alike: the contract of stack.py, on the real lab."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from outlast.errors import NodeNotFound, StackError
from outlast.stacks.engine import open_stack
from outlast.stacks.stack import Node, Power, Role, Stack, Status

Ask = Callable[..., dict[str, Any] | None]


def node(stack: Stack, name: str) -> Node:
    return next(node for node in stack.nodes() if node.name == name)


def boot_of(answer: dict[str, Any] | None) -> str:
    assert answer is not None
    return str(answer["boot"])


def test_a_started_stack_is_healthy_and_answers(standing: Stack, ask: Ask) -> None:
    """Every node runs and is healthy, the door answers, and so does each replica by itself, as itself."""
    states = {node.name: standing.state(node) for node in standing.nodes()}
    replicas = [node for node in standing.nodes() if node.role is Role.REPLICA]

    assert {"balancer", "app-1", "app-2", "app-3", "store"} >= set(states)
    assert all(state.status is Status.RUNNING and state.healthy for state in states.values()), states
    assert standing.door().host.startswith("127.")
    assert ask(standing.door()) is not None
    assert ["app-1", "app-2", "app-3"] == [(ask(standing.address(node)) or {})["replica"] for node in replicas]


BASIC = {Power.KILL, Power.CRASH, Power.STOP, Power.START, Power.PAUSE, Power.RECREATE}


def test_every_basic_power_is_there(standing: Stack) -> None:
    """On this machine both engines can do to a node what the simple faults need."""
    assert [None] * len(BASIC) == [standing.unsupported(power) for power in BASIC]


def test_a_power_that_is_not_there_is_told_with_its_reason(standing: Stack) -> None:
    """An experiment that needs it is skipped with that sentence."""
    for power in set(Power) - BASIC:
        reason = standing.unsupported(power)
        assert reason is None or power in reason


def test_the_facts_say_what_ran(standing: Stack) -> None:
    """Versions and a hash of the configuration, none of them empty."""
    facts = standing.environment()

    assert {"engine", "kernel", "machine", "config_sha256"} <= set(facts)
    assert all(facts.values()), facts


def test_a_log_holds_every_start(standing: Stack, ask: Ask) -> None:
    """What a node printed before it was killed and before it was recreated is not lost."""
    app = node(standing, "app-2")
    boots = [boot_of(ask(standing.address(app)))]
    standing.kill(app)
    standing.start_node(app)
    boots.append(boot_of(ask(standing.address(app))))
    standing.recreate(app)
    standing.start_node(app)
    boots.append(boot_of(ask(standing.address(app))))

    # The lab's app begins each start with a line that holds the start's own name.
    log = standing.logs(app)
    places = [log.find(boot) for boot in boots]
    assert -1 < places[0] < places[1] < places[2], log


def test_two_runs_side_by_side_do_not_meet(standing: Stack, ask: Ask, tmp_path: Path) -> None:
    """A session of one is unknown to the other, and a fault in one leaves the other as it was."""
    other = open_stack(standing.engine, "redis-aof", f"{standing.run_id}-b", tmp_path)
    replicas = [one for one in standing.nodes() if one.role is Role.REPLICA]
    try:
        other.start()
        mine = ask(standing.door(), "POST", "/login", "user=u1")
        boots = [boot_of(ask(standing.address(one))) for one in replicas]
        assert mine is not None
        asked_there = ask(other.door(), cookie=mine["cookie"])
        asked_here = ask(standing.door(), cookie=mine["cookie"])

        other.kill(node(other, "app-1"))
    finally:
        other.remove()

    assert asked_there is not None
    assert asked_here is not None
    assert (200, 401) == (asked_here["status"], asked_there["status"])
    assert boots == [boot_of(ask(standing.address(one))) for one in replicas]


def test_the_door_stays_where_it_is(standing: Stack, ask: Ask) -> None:
    """Users go on knocking at the same place after the balancer was killed and started again."""
    balancer, door = node(standing, "balancer"), standing.door()

    standing.kill(balancer)
    while_down = ask(door)
    standing.start_node(balancer)

    assert while_down is None
    assert door == standing.door()
    assert ask(door) is not None


def test_removing_twice_is_no_error(small: Any, engine: str) -> None:
    """Nor is removing what was never started."""
    stack = small(
        """
        services:
          app-1:
            <<: *app
            x-outlast: {role: replica, port: 8000, process: {command: ["{python}", -c, "pass"]}}
        """,
        f"twice-{engine}",
    )
    stack.remove()
    stack.remove()


def test_a_stack_that_never_becomes_healthy_is_told_with_its_last_lines(
    small: Any, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the node and shows what it printed; what did start is taken down by the caller."""
    monkeypatch.setattr("outlast.stacks.local.stack.HEALTHY_S", 1.0)
    stack = small(
        """
        services:
          app-1:
            <<: *app
            command: [sh, -c, "echo I listen nowhere; exec sleep 60"]
            x-outlast:
              role: replica
              port: 8000
              process: {command: [sh, -c, "echo I listen nowhere; exec sleep 60"], health: {tcp: true}}
        """,
        f"ill-{engine}",
    )

    with pytest.raises(StackError, match=r"(?s)app-1 runs but .*I listen nowhere"):
        stack.start()


def test_a_node_that_ends_at_once_is_told_with_its_exit_code(small: Any, engine: str) -> None:
    """Waiting for its health any longer would be waiting for nothing."""
    stack = small(
        """
        services:
          app-1:
            <<: *app
            command: [sh, -c, "echo no such option; exit 3"]
            x-outlast:
              role: replica
              port: 8000
              process: {command: [sh, -c, "echo no such option; exit 3"], health: {tcp: true}}
        """,
        f"ends-{engine}",
    )

    with pytest.raises(StackError, match=r"(?s)app-1 is exited with exit code 3.*no such option"):
        stack.start()


def test_a_restart_policy_acts_on_a_crash_and_not_on_a_kill(small: Any, engine: str) -> None:
    """A crash is what the policy is for; a kill is the user's own wish, after which the node stays down."""
    stack = small(
        """
        services:
          app-1:
            <<: *app
            restart: always
            x-outlast:
              role: replica
              port: 8000
              process:
                command: ["{python}", -u, -m, http.server, --bind, "{host:app-1}", "8000"]
                health: {http: /}
        """,
        f"policy-{engine}",
    )
    stack.start()
    (app,) = stack.nodes()
    before = stack.state(app)

    stack.crash(app)
    deadline = time.monotonic() + 10  # nobody starts it but the policy
    while not (back := stack.state(app)).healthy and time.monotonic() < deadline:
        time.sleep(0.02)
    stack.kill(app)
    down = stack.state(app)

    assert Status.RUNNING is back.status
    assert before.started != back.started
    assert before.identity == back.identity
    assert (Status.EXITED, 137) == (down.status, down.exit_code)


def test_a_node_that_the_stack_lacks_cannot_be_acted_on(standing: Stack) -> None:
    """Nothing is done to anything else in its place."""
    with pytest.raises((NodeNotFound, StackError), match="app-9"):
        standing.kill(Node(name="app-9", role=Role.REPLICA, service="app-9"))


@pytest.mark.compose
def test_nothing_of_ours_listens_beyond_loopback(standing: Stack) -> None:
    """Neither a published port nor a process of ours can be reached from another machine."""
    listening = subprocess.run(["ss", "-Hltn"], capture_output=True, text=True, check=True).stdout.splitlines()
    ports = {address.port for one in standing.nodes() if (address := standing.address(one))}
    ours = [line.split()[3] for line in listening if int(line.split()[3].rpartition(":")[2]) in ports]

    assert ours
    assert all(place.startswith("127.") for place in ours), ours

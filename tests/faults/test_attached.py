"""A user's own project that runs already: harmed where it stands, healed whatever dies, and left as it was."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from outlast.errors import EngineError, StackError
from outlast.faults.aim import named
from outlast.faults.kill import Kill
from outlast.faults.pause import Pause
from outlast.faults.sweep import sweep
from outlast.stacks import lab
from outlast.stacks.compose import images
from outlast.stacks.compose.command import find
from outlast.stacks.compose.daemon import connect
from outlast.stacks.engine import choose, open_own
from outlast.stacks.own import read_own
from outlast.stacks.stack import Stack

pytestmark = pytest.mark.compose

COMPOSE = """
x-app: &app
  image: {image}
  command: [python3, -u, -m, http.server, "8000"]
  stop_grace_period: 1s
  volumes: [kept:/kept]
services:
  web-1: {{<<: *app, ports: ["127.0.0.1::8000"]}}
  web-2: *app
volumes: {{kept: }}
"""
OUTLAST = """
name: shop
compose: [compose.yaml]
door: {{service: web-1, port: 8000}}
services: {{web-1: {{role: replica}}, web-2: {{role: replica}}}}
driver: lab
attach: {project}
"""
CLOCKS = {"StartedAt", "FinishedAt", "Health", "Pid"}
"""What a container that was killed and started again cannot keep."""


@dataclass(frozen=True)
class Project:
    """A project that runs, and a container beside it that has nothing to do with us."""

    name: str
    description: Path
    bystander: str

    def containers(self) -> list[str]:
        return docker("ps", "-aq", "--no-trunc", "--filter", f"label=com.docker.compose.project={self.name}").split()

    def attach(self, folder: Path) -> Stack:
        return open_own("compose", read_own(self.description), f"test-{secrets.token_hex(4)}", folder)

    def is_well(self) -> bool:
        states = [json.loads(docker("inspect", one))[0]["State"] for one in self.containers()]
        return len(states) == 2 and all(state["Running"] and not state["Paused"] for state in states)


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout.strip()


def seen(container: str, without: set[str] = frozenset()) -> Any:  # type: ignore[assignment]
    """All that `docker inspect` tells of it, without the fields of those names."""

    def rest(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: rest(inner) for key, inner in value.items() if key not in without}
        return value

    return rest(json.loads(docker("inspect", container))[0])


@pytest.fixture(scope="module")
def image() -> str:
    """The lab's image, by name."""
    try:
        choose("auto")
    except EngineError as lacking:
        pytest.skip(str(lacking))
    if choose("auto")[0] != "compose":
        pytest.skip(choose("auto")[1])
    with contextlib.closing(connect()) as client:
        return images.obtain(client, lab.folder(), os.environ, print)


@pytest.fixture
def project(image: str, tmp_path: Path) -> Iterator[Project]:
    name = f"shop{secrets.token_hex(3)}"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "compose.yaml").write_text(COMPOSE.format(image=image))
    (folder / "outlast.yaml").write_text(OUTLAST.format(project=name))
    up = [*find().argv, "-p", name, "-f", str(folder / "compose.yaml")]
    subprocess.run([*up, "up", "-d"], capture_output=True, check=True)
    bystander = docker("run", "-d", "--network", "none", image, "sleep", "600")
    yield Project(name, folder / "outlast.yaml", bystander)
    docker("rm", "-f", bystander)
    subprocess.run([*up, "down", "-v", "-t", "0"], capture_output=True, check=True)


def test_what_was_there_stays_as_it_was(project: Project, tmp_path: Path) -> None:
    """Others are unchanged in every field, the harmed node in every field that a restart can keep; nothing is added."""
    bystander = seen(project.bystander)
    mine = {one: seen(one, CLOCKS) for one in project.containers()}
    networks, volumes = docker("network", "ls", "-q"), docker("volume", "ls", "-q")
    stack = project.attach(tmp_path / "run")
    stack.start()
    try:
        for fault, node in zip((Kill(named("web-1")), Pause(named("web-2"))), stack.nodes(), strict=True):
            before = stack.state(node)
            onset = fault.strike(stack, node)
            assert onset.holds, onset.evidence
            assert not project.is_well()
            heal = fault.heal(stack, node, before)
            assert heal.holds, heal.evidence
    finally:
        stack.remove()

    assert bystander == seen(project.bystander)
    assert networks == docker("network", "ls", "-q")
    assert volumes == docker("volume", "ls", "-q")
    assert set(mine) == set(project.containers())
    # A port that Docker chose, and where a started container's sandbox lies, are new at each start.
    fleeting = CLOCKS | {"NetworkSettings"}
    assert {one: without(fields, fleeting) for one, fields in mine.items()} == {
        one: seen(one, fleeting) for one in project.containers()
    }


def without(fields: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key not in names}


def test_a_second_harness_on_the_same_project_is_refused(project: Project, tmp_path: Path) -> None:
    """It is told who has it; when the first has gone, it may."""
    first, second = project.attach(tmp_path / "a"), project.attach(tmp_path / "b")
    first.start()
    try:
        with pytest.raises(StackError, match=f"{project.name} is being harmed by another run .{first.run_id}."):
            second.start()
    finally:
        second.remove()
        first.remove()
    third = project.attach(tmp_path / "c")
    third.start()
    third.remove()


def test_a_project_that_is_not_well_is_not_harmed(project: Project, tmp_path: Path) -> None:
    """What was down before would otherwise look like our doing."""
    down = project.containers()[0]
    docker("stop", "-t", "0", down)
    stack = project.attach(tmp_path / "run")
    with pytest.raises(StackError, match=r"does not run whole, down: web-"):
        stack.start()
    stack.remove()
    docker("start", down)


def test_a_killed_harness_leaves_the_project_well(project: Project, owner: Callable[..., Any], aftermath: Any) -> None:
    """SIGKILL while a node is frozen: it runs again, and nothing of ours is left beside it."""
    harness = owner(str(project.description), "pause")
    harness.comes_to("pause")
    broken = not project.is_well()

    os.kill(harness.process.pid, signal.SIGKILL)

    assert broken
    assert aftermath.wait_for(project.is_well)
    assert aftermath.wait_for(lambda: not docker("ps", "-aq", "--filter", f"label=outlast.run={harness.run_id}"))
    assert project.is_well()


def test_the_sweep_heals_a_project_whose_guard_was_killed_too(
    project: Project, owner: Callable[..., Any], tmp_path: Path
) -> None:
    """From the ledger alone; until then nobody else may harm it."""
    harness = owner(str(project.description), "kill")
    harness.comes_to("kill")
    os.kill(harness.guard(), signal.SIGKILL)
    os.kill(harness.process.pid, signal.SIGKILL)
    harness.process.wait()
    broken = not project.is_well()

    done = sweep(tmp_path)

    assert broken
    assert "web-2: start" in done
    assert project.is_well()
    assert [] == sweep(tmp_path)

"""What a run left is found, undone and removed by its marks alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from outlast.stacks import proc, residue
from outlast.stacks.stack import Stack, Status

Process = subprocess.Popen[bytes]


@pytest.fixture
def marked() -> Iterator[Callable[[str], Process]]:
    """Starts processes that bear a run's mark."""
    made: list[Process] = []

    def one(run_id: str) -> Process:
        sleeping = [sys.executable, "-c", "import time; time.sleep(60)"]
        made.append(subprocess.Popen(sleeping, env={**os.environ, "OUTLAST_RUN": run_id}))
        deadline = time.monotonic() + 5
        while proc.environment(made[-1].pid).get("OUTLAST_RUN") != run_id and time.monotonic() < deadline:
            time.sleep(0.002)
        return made[-1]

    yield one
    for process in made:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    "engine",
    [pytest.param("local", marks=pytest.mark.local), pytest.param("compose", marks=pytest.mark.compose)],
    indirect=True,
    scope="session",
)
def test_processes_of_the_run_are_ended_and_no_others(engine: str, marked: Callable[[str], Process]) -> None:
    """On the compose engine too: a Compose command that outlived its owner would go on creating containers."""
    ours, other = marked("test-residue-a"), marked("test-residue-b")

    removed = residue.remove_run(engine, "test-residue-a")

    assert [f"process helper ({ours.pid})"] == removed
    assert -9 == ours.wait(5)
    assert other.poll() is None
    assert [] == residue.left(engine, "test-residue-a")
    assert [f"process helper ({other.pid})"] == residue.left(engine, "test-residue-b")


def test_a_harm_is_undone_from_its_record(standing: Stack, tmp_path: Path) -> None:
    """Paused and killed nodes run again, though whoever undoes it has never met the stack."""
    paused, killed = standing.nodes()[1], standing.nodes()[2]
    before = standing.state(killed)
    standing.pause(paused)
    standing.kill(killed)
    try:
        done = residue.undo(standing.engine, standing.run_id, paused.name, "resume", {})
        thawed = standing.state(paused).status
        # The local engine's supervisor lives in its owner: what was ended there stays ended until the owner starts it.
        expected = Status.RUNNING if standing.engine == "compose" else Status.EXITED
        residue.undo(standing.engine, standing.run_id, killed.name, "start", {"identity": before.identity})
        status = standing.state(killed).status
    finally:
        standing.resume(paused)
        standing.start_node(killed)

    assert f"{paused.name}: resume" == done
    assert Status.RUNNING is thawed
    assert expected is status

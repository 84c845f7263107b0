"""The sweep takes away what dead runs left; on a clean machine it finds nothing and says so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Outlast

from outlast.stacks.residue import left

OWNER = Path(__file__).parents[1] / "faults" / "owner_process.py"
SMALL = ("--engine", "local", "--architecture", "jwt", "--seconds", "2", "--sessions", "5")
TAKEN = "app-1: its processes are gone"
"""What a run tells of a dead one whose processes another run took away."""
TRIES = 4


@pytest.mark.parametrize("host", ["", "unix:///nowhere/docker.sock"])
def test_nothing_left_behind_is_said(outlast: Outlast, host: str) -> None:
    """Works with and without Docker."""
    done = outlast("sweep", **({"DOCKER_HOST": host} if host else {}))

    assert 0 == done.returncode
    assert "Traceback" not in done.stderr


@pytest.mark.local
def test_the_next_run_sweeps_what_a_dead_one_left(outlast: Outlast, tmp_path: Path) -> None:
    """A CI runner killed harness and guard together: nobody has to remember to sweep."""
    before, told, number = [], TAKEN, 0
    # Any other run on this machine sweeps as well, and one that begins in between comes first: then all over again.
    while number < TRIES and (not before or TAKEN in told):
        number += 1
        _die(tmp_path / "reports" / f"dead-{number}" / "run", f"test-dead-{number}")
        before = left("local", f"test-dead-{number}")
        told = outlast("run", "no_fault", *SMALL).stdout

    assert before
    assert [] == left("local", f"test-dead-{number}")
    assert "a dead run had left this behind: app-1: resume" in told


def _die(folder: Path, run_id: str) -> None:
    """A harness that has paused a replica is killed, and its guard with it."""
    harness = subprocess.Popen(
        [sys.executable, str(OWNER), "local", str(folder), run_id, "pause"],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert harness.stdout is not None
    while harness.stdout.readline().strip() != "pause":
        assert harness.poll() is None
    guards = subprocess.run(
        ["pgrep", "-P", str(harness.pid), "-f", "guard"], capture_output=True, text=True, check=True
    )
    for pid in (int(guards.stdout), harness.pid):
        os.kill(pid, signal.SIGKILL)
    harness.communicate()

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


@pytest.mark.parametrize("host", ["", "unix:///nowhere/docker.sock"])
def test_nothing_left_behind_is_said(outlast: Outlast, host: str) -> None:
    """Works with and without Docker."""
    done = outlast("sweep", **({"DOCKER_HOST": host} if host else {}))

    assert 0 == done.returncode
    assert "Traceback" not in done.stderr


@pytest.mark.local
def test_the_next_run_sweeps_what_a_dead_one_left(outlast: Outlast, tmp_path: Path) -> None:
    """A CI runner killed harness and guard together: nobody has to remember to sweep."""
    harness = subprocess.Popen(
        [sys.executable, str(OWNER), "local", str(tmp_path / "reports" / "dead" / "run"), "test-dead", "pause"],
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
    before = left("local", "test-dead")

    done = outlast("run", "no_fault", "--engine", "local", "--architecture", "jwt", "--seconds", "2", "--sessions", "5")

    assert before
    assert [] == left("local", "test-dead")
    # resumed by this run; or its processes were taken away by another one, which began beside it and knew their marks
    assert "a dead run had left this behind: app-1: " in done.stdout

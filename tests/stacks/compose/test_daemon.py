"""A Docker that cannot be used is one sentence that says what to do."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ASK = "from outlast.stacks.engine import choose; choose('compose')"


def refusal(host: str, *prefix: str) -> str:
    """What the last line of a refused choice says."""
    asked = subprocess.run(
        [*prefix, sys.executable, "-c", ASK],
        env={**os.environ, "DOCKER_HOST": host},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 != asked.returncode
    return asked.stderr.strip().splitlines()[-1]


def test_docker_that_does_not_run(tmp_path: Path) -> None:
    """No socket at all."""
    said = refusal(f"unix://{tmp_path}/docker.sock")

    assert said.startswith("outlast.errors.EngineError: Docker does not answer at unix://")
    assert "start it" in said
    assert "--engine local" in said


def test_docker_that_died_and_left_its_socket(tmp_path: Path) -> None:
    """A socket that nobody listens at."""
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "docker.sock"))

    assert "start it" in refusal(f"unix://{tmp_path}/docker.sock")


@pytest.mark.skipif(shutil.which("unshare") is None, reason="without unshare nobody can be made powerless here")
def test_a_socket_that_is_not_ours(tmp_path: Path) -> None:
    """A user outside the docker group is told how to join it."""
    place = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(place))
        listening.listen()
        place.chmod(0o000)
        # In a user namespace of its own root has no power over files either.
        powerless = ["unshare", "--user"] if os.geteuid() == 0 else []
        said = refusal(f"unix://{place}", *powerless)

    assert f"You may not use Docker's socket {place}" in said
    assert "docker group" in said

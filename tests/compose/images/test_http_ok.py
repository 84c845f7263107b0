"""The health check that runs in the containers."""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from tests.compose.processes import Address, Programs, eventually, free_address

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here; the image has one")


def test_only_200_is_healthy(programs: Programs, lab: Path) -> None:
    """200 succeeds; another status, and nobody there, does not."""
    app = programs.app("memory", OUTLAST_DRAIN_S="60")

    assert _healthy(lab, app.address, "/health")
    assert not _healthy(lab, app.address, "/me")
    assert not _healthy(lab, free_address(), "/health")
    app.send(signal.SIGTERM)
    eventually(lambda: not _healthy(lab, app.address, "/health"), "a draining app is no more healthy")


def _healthy(lab: Path, address: Address, path: str) -> bool:
    command = [str(lab / "images/http-ok"), str(address.port), path]
    return 0 == subprocess.run(command, capture_output=True, timeout=20, check=False).returncode

"""Runs the command as a user does: as a process, in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Outlast = Callable[..., subprocess.CompletedProcess[str]]
OUTLAST = str(Path(sys.executable).parent / "outlast")


@pytest.fixture
def outlast(tmp_path: Path) -> Outlast:
    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        known = {k: v for k, v in os.environ.items() if k not in ("PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST")}
        return subprocess.run(
            [OUTLAST, *arguments],
            cwd=tmp_path,
            env=known | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )

    return run

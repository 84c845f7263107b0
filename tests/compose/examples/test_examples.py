"""Django as it is, with its own session backends: what the harness finds is what Django is known to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import docker
import pytest

from outlast.stacks.compose import images
from outlast.stacks.lab import folder

pytestmark = [pytest.mark.slow, pytest.mark.compose, pytest.mark.timeout(900)]

STACK = folder() / "examples" / "django" / "outlast.yaml"


@pytest.fixture(scope="module", autouse=True)
def base() -> None:
    """The Debian image that the example is built on: where no registry is reached, it is made with the lab's."""
    images.obtain(docker.from_env(timeout=600), folder(), os.environ, lambda text: None)


@pytest.mark.parametrize(
    ("backend", "experiment", "verdict", "found"),
    [
        ("cache", "store_kill", "fail", "lost-session"),
        ("db", "store_kill", "pass", None),
        ("signed_cookies", "no_fault", "fail", "resurrected-session"),
    ],
)
def test_what_a_backend_outlasts(
    tmp_path: Path, backend: str, experiment: str, verdict: str, found: str | None
) -> None:
    """A Redis that keeps nothing on disk, a database beside it, and a cookie that no server can take back."""
    done = subprocess.run(
        [
            sys.executable, "-m", "outlast", "run", experiment, "--stack", str(STACK), "--engine", "compose",
            "--seconds", "10", "--seed", "5", "--reports", str(tmp_path),
        ],
        env={**os.environ, "SESSIONS": backend},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    (file,) = tmp_path.glob("2*/django/verdict.json")
    told: dict[str, Any] = json.loads(file.read_text())
    counts = {name: tally["count"] for name, tally in told["anomalies"].items()}

    assert verdict == told["verdict"], (told["reasons"], done.stderr[-2000:])
    assert (1 if verdict == "fail" else 0) == done.returncode
    if found == "lost-session":
        assert counts["lost-session"] > told["exposure"]["sessions_on_victim"] / 2
        assert 0 == counts.get("lost-write", 0) == counts.get("session-leak", 0)
    if found == "resurrected-session":
        assert counts["resurrected-session"] > 0 == counts["lost-session"]
    assert 0 == counts["session-leak"] == counts["lost-update"] == counts["garbage-read"]

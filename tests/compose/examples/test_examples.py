"""Frameworks as they are, with their own sessions: what the harness finds is what each is known to do."""

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

EXAMPLES = folder() / "examples"
IN_REDIS = {"SESSIONS": "redis", "SAVE_PATH": "tcp://redis:6379"}


@pytest.fixture(scope="module", autouse=True)
def base() -> None:
    """The Debian image that the examples are built on: where no registry is reached, it is made with the lab's."""
    images.obtain(docker.from_env(timeout=600), folder(), os.environ, lambda text: None)


@pytest.mark.parametrize(
    ("example", "chosen", "experiment", "verdict", "found"),
    [
        ("django", {"SESSIONS": "cache"}, "store_kill", "fail", "lost-session"),
        ("django", {"SESSIONS": "db"}, "store_kill", "pass", None),
        ("django", {"SESSIONS": "signed_cookies"}, "no_fault", "fail", "resurrected-session"),
        ("php", {"SESSIONS": "files"}, "replica_kill", "pass", None),
        ("php", IN_REDIS, "store_kill", "fail", "lost-session"),
        ("flask", {}, "store_kill", "fail", "lost-session"),
        ("flask", {}, "replica_kill", "pass", None),
        ("sinatra", {"SESSIONS": "pool"}, "replica_kill", "fail", "lost-session"),
        ("sinatra", {"SESSIONS": "cookie"}, "no_fault", "fail", "resurrected-session"),
    ],
)
def test_what_a_framework_outlasts(
    tmp_path: Path, example: str, chosen: dict[str, str], experiment: str, verdict: str, found: str | None
) -> None:
    """A Redis that keeps nothing on disk, a database or files beside it, memory, and a cookie that no server can take
    back."""
    done = subprocess.run(
        [
            sys.executable, "-m", "outlast", "run", experiment, "--stack", str(EXAMPLES / example / "outlast.yaml"),
            "--engine", "compose", "--seconds", "10", "--seed", "5", "--reports", str(tmp_path),
        ],
        env={**os.environ, **chosen},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    (file,) = tmp_path.glob(f"2*/{example}/verdict.json")
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

"""The wheel carries the lab, and works in an empty environment outside the clone."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HISTORY = """\
{"format": "outlast-history/1"}
{"op": "login", "session": "s1", "client": 1, "invoked_ns": 0, "returned_ns": 1, "outcome": "ok", "user": "u1"}
{"op": "read", "session": "s1", "client": 1, "invoked_ns": 2, "returned_ns": 3, "outcome": "ok", "seen": "alive"}
{"op": "read", "session": "s1", "client": 1, "invoked_ns": 4, "returned_ns": 5, "outcome": "fail", "seen": "anonymous"}
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == built.returncode, built.stdout + built.stderr
    return next(folder.glob("outlast-*.whl"))


@pytest.mark.parametrize(
    "part",
    [
        "outlast/lab/compose/base.yaml",
        "outlast/lab/compose/architectures/redis-aof.yaml",
        "outlast/lab/compose/app/outlast_lab_app/app.py",
        "outlast/lab/compose/images/Dockerfile",
        "outlast/lab/compose/balancer/haproxy.cfg",
        "outlast/lab/experiments/test_replica_kill.py",
        "outlast/render/templates/report.html.j2",
        "outlast/py.typed",
    ],
)
def test_the_wheel_carries_the_lab(wheel: Path, part: str) -> None:
    """design.md: the wheel carries the lab as data, so that it works outside a clone."""
    assert part in zipfile.ZipFile(wheel).namelist()


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    """One top-level package, no tests, no caches."""
    names = zipfile.ZipFile(wheel).namelist()

    assert {"outlast"} == {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert not [name for name in names if "__pycache__" in name or name.startswith("outlast/tests")]


@pytest.mark.slow
@pytest.mark.local
def test_an_empty_environment_can_run_the_lab_it_carries(wheel: Path, tmp_path: Path) -> None:
    """pip install of the wheel alone: --help, doctor, check, and an experiment of the lab on the local engine."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV", "PYTEST_ADDOPTS")}

    def run(*command: str, codes: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=280
        )
        assert done.returncode in codes, f"{command} -> {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    run(sys.executable, "-m", "venv", "empty")
    binaries = tmp_path / "empty" / "bin"
    run(str(binaries / "python"), "-m", "pip", "install", "--quiet", f"{wheel}[local]")
    outlast = str(binaries / "outlast")
    (tmp_path / "history.ndjson").write_text(HISTORY)

    assert "exit codes" in run(outlast, "--help")
    assert "local engine" in run(outlast, "doctor")
    assert "lost-session" in run(outlast, "check", "history.ndjson", codes=(1,))
    run(
        outlast,
        "run",
        "replica_kill",
        "--architecture",
        "redis-aof",
        "--engine",
        "local",
        "--sessions",
        "30",
        "--seconds",
        "6",
    )
    assert next((tmp_path / "reports" / "latest").glob("redis-aof/verdict.json")).is_file()

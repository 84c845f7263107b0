"""The main job on the local engine, as a user runs it: the command, its exit code, and what it leaves on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Outlast

pytestmark = pytest.mark.local

SMALL = ("--engine", "local", "--sessions", "60", "--seconds", "6", "--seed", "7")


def documents(folder: Path) -> dict[str, dict[str, Any]]:
    runs = (folder / "reports" / "latest").resolve().glob("*/verdict.json")
    return {path.parent.name: json.loads(path.read_text()) for path in runs}


def test_the_main_job_shows_whose_sessions_outlast_a_killed_replica(outlast: Outlast, tmp_path: Path) -> None:
    """sticky-memory loses exactly the victims sessions, redis-aof none: each keeps its promise, so exit code 0."""
    done = outlast("run", "replica_kill", *SMALL)
    assert 0 == done.returncode, done.stdout + done.stderr
    found = documents(tmp_path)
    sticky, shared = found["sticky-memory"], found["redis-aof"]

    assert "fail" == sticky["verdict"]
    assert sticky["expectation"]["kept"] is True
    assert 0 < sticky["exposure"]["sessions_on_victim"] < 60
    assert 0 < sticky["anomalies"]["lost-session"]["count"] <= sticky["exposure"]["sessions_on_victim"]
    assert "pass" == shared["verdict"]
    assert shared["expectation"]["kept"] is True
    assert 0 == shared["anomalies"]["lost-session"]["count"]
    assert 0 < shared["anomalies"]["lost-session"]["upper_bound_95"]["per_session"] < 1
    assert all(fault["proven"] and fault["healed"] for fault in sticky["faults"] + shared["faults"])


def test_everything_that_formats_promise_is_on_disk(outlast: Outlast, tmp_path: Path) -> None:
    """formats.md 4, file by file; no cookie or token of the app stands in any of them."""
    outlast("run", "no_fault", "--architecture", "redis-aof", *SMALL)
    latest = (tmp_path / "reports" / "latest").resolve()

    assert latest.name.endswith("-no_fault-7")
    for name in ("index.html", "junit.xml", "summary.md"):
        assert (latest / name).is_file(), name
    run = latest / "redis-aof"
    for name in ("verdict.json", "report.html", "plan.json", "environment.json", "logs/app-1.log", "logs/balancer.log"):
        assert (run / name).is_file(), name
    assert list(run.glob("history*")) or list(run.glob("journal*"))
    for file in latest.rglob("*"):
        if file.is_file():
            assert b"sid=" not in file.read_bytes(), f"a session cookie stands in {file.name}"


def test_a_lossy_architecture_is_red_when_it_promises_nothing_is_lost(outlast: Outlast, tmp_path: Path) -> None:
    """The harness must be able to fail: a promise that the architecture cannot keep gives exit code 1."""
    (tmp_path / "test_too_much.py").write_text(
        '"""Promises too much."""\n\n'
        "from outlast import Kill, loses_nothing, one, promises\n\n\n"
        '@promises({"sticky-memory": loses_nothing()})\n'
        "def test_too_much(conduct):\n"
        '    """Memory outlasts its server."""\n'
        '    conduct(faults=[Kill(one("replica"))]).must_keep_its_promise()\n'
    )
    done = outlast("run", "test_too_much.py", *SMALL)

    assert 1 == done.returncode, done.stdout + done.stderr
    assert "the promise was not kept" in done.stderr


def test_a_run_that_proves_nothing_is_inconclusive(outlast: Outlast, tmp_path: Path) -> None:
    """A fault that does nothing is never a pass; --allow-inconclusive makes it 0 and nothing else does."""
    (tmp_path / "test_idle.py").write_text(
        '"""Strikes nobody."""\n\n'
        "from outlast import Load, loses_nothing, promises\n\n\n"
        '@promises({"redis-aof": loses_nothing()})\n'
        "def test_idle(conduct):\n"
        '    """Too slow a load to tell anything."""\n'
        "    conduct(load=Load(sessions=60, seconds=6, minimum_rate=1e6)).must_keep_its_promise()\n"
    )

    assert 3 == outlast("run", "test_idle.py", *SMALL[:2]).returncode
    assert 0 == outlast("run", "test_idle.py", *SMALL[:2], "--allow-inconclusive").returncode


def test_a_run_is_judged_and_drawn_again_from_disk(outlast: Outlast, tmp_path: Path) -> None:
    """check, report and export need no running system, and agree with the run itself."""
    outlast("run", "replica_kill", "--architecture", "sticky-memory", *SMALL)
    run = (tmp_path / "reports" / "latest").resolve() / "sticky-memory"
    first = json.loads((run / "verdict.json").read_text())
    (run / "report.html").unlink()

    again = json.loads(outlast("check", "latest/sticky-memory", "--json").stdout)
    assert first["anomalies"] == again["anomalies"]
    assert first["expectation"] == again["expectation"]
    assert 0 == outlast("report", "latest").returncode
    assert (run / "report.html").is_file()
    assert 0 == outlast("export", "latest/sticky-memory", "-o", "out.ndjson.gz").returncode
    foreign = outlast("check", "out.ndjson.gz", "--json")
    assert 1 == foreign.returncode
    lost = {name: found["count"] for name, found in json.loads(foreign.stdout)["anomalies"].items()}
    assert {name: found["count"] for name, found in first["anomalies"].items()} == lost

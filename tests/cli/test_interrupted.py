"""Whatever ends a run early, everything it started is gone, and what it recorded is kept."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import OUTLAST

from outlast.stacks.residue import left

pytestmark = pytest.mark.local

PATIENCE_S = 60.0


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A run of the main job's first half, on the local engine."""
    process = subprocess.Popen(
        [OUTLAST, "run", "replica_kill", "--architecture", "redis-aof", "--engine", "local", "--sessions", "40"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={k: v for k, v in os.environ.items() if k != "PYTEST_ADDOPTS"},
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def events(folder: Path) -> list[dict[str, object]]:
    files = list(folder.glob("reports/*-replica_kill-*/redis-aof/events.ndjson"))
    return [json.loads(line) for line in files[0].read_text().splitlines()] if files else []


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Waits for a condition, never for a time; gives up in the end."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"it never came to {what}"
        time.sleep(0.02)


def reached(folder: Path, place: str) -> bool:
    return any(place in (event.get("name"), event.get("text")) for event in events(folder))


def run_id(folder: Path) -> str:
    return str(events(folder)[0]["run_id"])


def at_work_in(folder: Path) -> list[str]:
    """Processes whose working directory is or was there, marked or not."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdecimal() and str((entry / "cwd").readlink()).startswith(f"{folder}/"):
                found.append((entry / "cmdline").read_text())
    return found


def load_process(running: subprocess.Popen[str]) -> int:
    children = Path(f"/proc/{running.pid}/task").glob("*/children")
    pids = [int(pid) for file in children for pid in file.read_text().split()]
    return next(pid for pid in pids if b"workloads.users.process" in Path(f"/proc/{pid}/cmdline").read_bytes())


@pytest.mark.parametrize("place", ["starting the stack on the local engine", "steady", "fault", "audit"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_nothing_behind(
    running: subprocess.Popen[str], tmp_path: Path, place: str, number: signal.Signals
) -> None:
    """At any phase: exit code 2, one sentence, nothing left running, the verdict says that it was stopped."""
    wait_for(lambda: reached(tmp_path, place), place)
    running.send_signal(number)
    _, complaint = running.communicate(timeout=PATIENCE_S)

    assert 2 == running.returncode
    assert "stopped by the user" in complaint
    assert "Traceback" not in complaint
    assert not left("local", run_id(tmp_path))
    verdict = json.loads(next(tmp_path.glob("reports/*-replica_kill-*/redis-aof/verdict.json")).read_text())
    assert "error" == verdict["verdict"]


def test_a_killed_harness_leaves_nothing_behind(running: subprocess.Popen[str], tmp_path: Path) -> None:
    """SIGKILL while a replica is dead: the guard takes everything away, and the journal is there to be judged."""
    wait_for(lambda: any(event["event"] == "FaultStruck" for event in events(tmp_path)), "the fault")
    running.kill()
    running.communicate()

    wait_for(lambda: not left("local", run_id(tmp_path)), "an empty machine")
    wait_for(lambda: not at_work_in(tmp_path), "no process in its folders, whatever its marks say")
    run = next(tmp_path.glob("reports/*-replica_kill-*/redis-aof"))
    judged = subprocess.run([OUTLAST, "check", str(run), "--json"], capture_output=True, text=True, check=False)
    assert 0 < json.loads(judged.stdout)["counts"]["operations"]


def test_the_load_bears_the_marks_of_its_run(running: subprocess.Popen[str], tmp_path: Path) -> None:
    """So guard and sweep can find it, should it not notice by itself that the harness is gone."""
    wait_for(lambda: reached(tmp_path, "load"), "load")

    assert f"process load ({load_process(running)})" in left("local", run_id(tmp_path))


def test_a_load_that_dies_is_one_clear_error(running: subprocess.Popen[str], tmp_path: Path) -> None:
    """The load process is killed: healed, taken down, exit code 2, and its operations so far are kept."""
    wait_for(lambda: reached(tmp_path, "load"), "load")
    os.kill(load_process(running), signal.SIGKILL)
    _, complaint = running.communicate(timeout=PATIENCE_S)

    assert 2 == running.returncode
    assert "The load process was killed by signal 9" in complaint
    assert "Traceback" not in complaint
    assert not left("local", run_id(tmp_path))
    verdict = json.loads(next(tmp_path.glob("reports/*-replica_kill-*/redis-aof/verdict.json")).read_text())
    assert 0 < verdict["counts"]["operations"]

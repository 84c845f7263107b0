"""A user's mistake gets one clear sentence and exit code 2, and nothing is left behind."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.cli.conftest import OUTLAST, Outlast


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "replica_kil"], "Unknown experiment 'replica_kil'. Did you mean 'replica_kill'?"),
        (["run", "replica_kill", "--engine", "kubernetes"], "Unknown engine 'kubernetes'."),
        (["run", "replica_kill", "--architecture", "sticky-memry"], "Did you mean 'sticky-memory'?"),
        (
            ["run", "replica_kill", "--engine", "local", "--sessions", "0"],
            "Load(sessions=0): it must be above zero and finite.",
        ),
        (
            ["run", "replica_kill", "--engine", "local", "--seconds", "-1"],
            "Load(seconds=-1.0): it must be above zero and finite.",
        ),
        (["run", "replica_kill", "--stack", "nowhere.yaml"], "nowhere.yaml: cannot be read"),
        (["check", "nowhere.ndjson"], "nowhere.ndjson"),
        (["check", "history.ndjson", "--gate", "lost-sesion=0"], "Did you mean 'lost-session'?"),
        (["check", "history.ndjson", "--gate", "lost-session=few"], "lost-session=few"),
        (["check", "history.ndjson", "--explain", "-1"], "--explain -1: it takes a number of witnesses, from 0 on."),
        (["report", "nowhere"], "There is no run 'nowhere'"),
        (["export", "nowhere"], "There is no run 'nowhere'"),
        (["bench", "judge", "--runs", "0"], "--runs 0: each must be measured at least once."),
        (["bench", "everything"], "Unknown benchmark 'everything'."),
    ],
)
def test_a_mistake_is_one_sentence(outlast: Outlast, tmp_path: Path, arguments: list[str], told: str) -> None:
    """What is wrong and what would be right, on the standard error; no traceback."""
    (tmp_path / "history.ndjson").write_text('{"format": "outlast-history/1"}\n')
    done = outlast(*arguments)

    assert 2 == done.returncode, done.stdout + done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not list(tmp_path.glob("reports/*/*/history*"))


def test_docker_that_does_not_answer_is_one_sentence(outlast: Outlast) -> None:
    """Asked for by name, it says how to do without."""
    done = outlast("run", "replica_kill", "--engine", "compose", DOCKER_HOST="unix:///nowhere/docker.sock")

    assert 2 == done.returncode
    assert "Docker does not answer" in done.stderr
    assert "--engine local" in done.stderr
    assert "Traceback" not in done.stderr


def test_reports_that_cannot_be_written_are_one_sentence(outlast: Outlast, tmp_path: Path) -> None:
    """A file stands in the way."""
    (tmp_path / "reports").write_text("")
    done = outlast("run", "no_fault", "--engine", "local", "--seconds", "2")

    assert 2 == done.returncode
    assert "choose one with --reports" in done.stderr


def test_an_experiment_that_does_not_compile_is_an_error(outlast: Outlast, tmp_path: Path) -> None:
    """The place of the mistake is told; exit code 2."""
    (tmp_path / "test_mine.py").write_text("def test_mine(conduct:\n")
    done = outlast("run", "test_mine.py")

    assert 2 == done.returncode
    assert "SyntaxError" in done.stderr


def test_help_tells_the_exit_codes(outlast: Outlast) -> None:
    """The exit code alone carries the verdict, so it is explained where people look."""
    done = outlast("--help")

    assert 0 == done.returncode
    assert "3 inconclusive" in done.stdout


@pytest.mark.local
def test_a_full_disk_is_one_sentence(outlast: Outlast, tmp_path: Path) -> None:
    """A limit on the size of files stands for a full disk: one sentence, exit code 2, nothing of ours runs on."""
    done = subprocess.run(
        ["bash", "-c", f"ulimit -f 96; exec {OUTLAST} run no_fault --engine local --architecture jwt --sessions 60"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )

    assert 2 == done.returncode, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "Nothing was left behind." in outlast("sweep").stdout


def test_the_settings_of_a_users_own_pytest_decide_no_verdict(outlast: Outlast, tmp_path: Path) -> None:
    """A project whose tests make warnings errors: an experiment is none of them (a half-made object of an interrupted
    start is told as a warning, and must not change the exit code)."""
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\nfilterwarnings = ["error"]\n')
    (tmp_path / "test_mine.py").write_text("import warnings\n\ndef test_mine():\n    warnings.warn('old')\n")
    done = outlast("run", "test_mine.py")

    assert "old" not in done.stderr
    assert 3 == done.returncode

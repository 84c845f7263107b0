"""`outlast plan` says who would be struck, when and how it is undone; nothing is started and nothing written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Outlast

pytestmark = pytest.mark.local

COURSES = '''
"""Experiments of a test."""

from outlast import *


def test_all(conduct):
    """Whatever there is."""
    raise SystemExit(conduct(
        faults=[
            sequence(Kill(named("app-1")), Pause(every("store"))),
            when(sessions_on_victim(200), Kill(busiest("replica")), patience_s=3, lasting_s=2),
            Recreate(named("app-2")),
        ],
        load=Load(seconds=60),
        abort=Abort(failed_share=0.5, lost_sessions=50),
    ))
'''


def test_it_says_what_would_be_done(outlast: Outlast, tmp_path: Path) -> None:
    """Each strike with its time, its victims or how they are found, its harm and its undo."""
    (tmp_path / "test_mine.py").write_text(COURSES)
    done = outlast("plan", "test_mine.py", "--engine", "local", "--architecture", "redis-aof", "--seed", "7")

    assert (0, "") == (done.returncode, done.stderr)
    for told in (
        "mine on redis-aof: Whatever there is.",
        "seed 7",
        "): balancer, app-1, app-2, app-3, store",
        "nothing is harmed in the first 20 s",
        "1. at 24 s for 10 s: kill on app-1",
        "undone: the node is started again",
        "2. at 39 s, once 1 is healed, for 10 s: pause on store",
        "undone: its processes are thawed",
        "3. as soon as 200 sessions live on the victim (looked out for from 20 s on, for at most 3 s) for 2 s: "
        "kill on the replica with the most living sessions, found when it is struck (now: one of app-1, app-2, app-3)",
        "4. at 30 s: recreate on app-2",
        "cannot be undone",
        "more than 50% of the operations of two seconds fail, or more than 50 sessions are lost",
    ):
        assert told in done.stdout
    assert [tmp_path / "test_mine.py"] == list(tmp_path.iterdir()), "nothing is written"


def test_the_same_seed_plans_the_same(outlast: Outlast) -> None:
    """The same victim for the same seed, and others for others."""
    told = {seed: outlast("plan", "--engine", "local", "--seed", str(seed)).stdout for seed in (7, 8, 9, 10)}
    struck = {seed: text.split(": kill on ")[1].split()[0] for seed, text in told.items()}

    assert told[7] == outlast("plan", "--engine", "local", "--seed", "7").stdout
    assert len(set(struck.values())) > 1
    assert 2 == told[7].count(": kill on")


def test_it_starts_nothing(outlast: Outlast, tmp_path: Path) -> None:
    """Seen by strace's poor cousin: the programs of the stack are not there to be started, and it does not notice."""
    (tmp_path / "sitecustomize.py").write_text(
        "import subprocess\n"
        "def refuse(*arguments, **told):\n    raise SystemExit(f'started {arguments}')\n"
        "subprocess.Popen.__init__ = refuse\n"
    )
    done = outlast("plan", "--engine", "local", PYTHONPATH=str(tmp_path))
    run = outlast("run", "no_fault", "--engine", "local", PYTHONPATH=str(tmp_path))

    assert 0 == done.returncode, done.stdout + done.stderr
    assert 0 != run.returncode, "the trap works"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["plan", "replica_kil"], "Did you mean 'replica_kill'?"),
        (["plan", "--architecture", "sticky-memry", "--engine", "local"], "Did you mean 'sticky-memory'?"),
        (["plan", "--sessions", "0", "--engine", "local"], "it must be above zero"),
        (["plan", "--stack", "nowhere.yaml"], "nowhere.yaml: cannot be read"),
    ],
)
def test_a_mistake_is_one_sentence(outlast: Outlast, arguments: list[str], told: str) -> None:
    """As in a run, with exit code 2."""
    done = outlast(*arguments)

    assert 2 == done.returncode, done.stdout + done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_what_an_architecture_does_not_have_is_skipped_with_its_reason(outlast: Outlast) -> None:
    """Nothing is planned then, and that is no pass."""
    done = outlast("plan", "store_kill", "--architecture", "sticky-memory", "--engine", "local")

    assert 3 == done.returncode
    assert "store_kill says nothing about sticky-memory" in done.stderr


def test_pytest_itself_tells_the_plan_too(tmp_path: Path) -> None:
    """`pytest --outlast-plan`: the experiments are skipped, their plans are at the end."""
    (tmp_path / "test_mine.py").write_text(COURSES)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--outlast-plan", "--outlast-engine=local",
         "--outlast-architecture=redis-aof", "test_mine.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip

    assert 0 == done.returncode, done.stdout + done.stderr
    assert "1 skipped" in done.stdout
    assert "1. at 24 s for 10 s: kill on app-1" in done.stdout

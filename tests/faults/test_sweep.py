"""The sweep takes away what dead runs left, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from outlast.faults.ledger import read
from outlast.faults.sweep import sweep
from outlast.stacks.stack import Stack


def abandoned(owner: Callable[..., Any], engine: str, *faults: str) -> Any:
    """A run whose harness and guard were both killed, as a CI runner that ends everything does it."""
    harness = owner(engine, *faults)
    harness.comes_to(faults[-1] if faults else "standing")
    os.kill(harness.guard(), signal.SIGKILL)
    os.kill(harness.process.pid, signal.SIGKILL)
    harness.process.wait()
    return harness


@pytest.fixture
def stranger(standing: Stack, aftermath: Any) -> Iterator[str]:
    """A container that is not ours, running beside."""
    image = standing.environment()["image"]
    (container,) = aftermath.docker("run", "-d", "--rm", "--network", "none", image, "sleep", "300")
    yield container
    aftermath.docker("rm", "-f", container)


@pytest.mark.local
def test_the_ledger_leads_to_what_a_dead_run_left(owner: Callable[..., Any], aftermath: Any, tmp_path: Path) -> None:
    """Its open harms are taken back, its stack is removed, and the ledger is settled: a second sweep finds nothing."""
    harness = abandoned(owner, "local", "pause")
    before = aftermath.left("local", harness.run_id)

    done = sweep(tmp_path)

    assert before
    assert "app-1: resume" in done
    assert [] == aftermath.left("local", harness.run_id)
    assert read(tmp_path / harness.run_id / "ledger.ndjson").closed
    assert [] == sweep(tmp_path)


def test_marks_suffice_where_the_ledger_is_lost_and_living_runs_are_left_alone(
    standing: Stack, client: Any, owner: Callable[..., Any], aftermath: Any, tmp_path: Path
) -> None:
    """Labels and environments tell whose things they are; the run beside answers on, as the same start as before."""
    boot = client.boot()
    harness = abandoned(owner, standing.engine)

    done = sweep(tmp_path / "elsewhere")

    assert [] == aftermath.left(standing.engine, harness.run_id)
    assert done
    assert boot is not None
    assert boot == client.boot()


@pytest.mark.compose
@pytest.mark.parametrize("standing", ["compose"], indirect=True, scope="session")
def test_unlabelled_things_are_never_touched(stranger: str, aftermath: Any, tmp_path: Path) -> None:
    """A container without our label is somebody else's, whatever runs in it."""
    sweep(tmp_path)

    assert ["true"] == aftermath.docker("inspect", "-f", "{{.State.Running}}", stranger)


@pytest.mark.local
def test_it_works_without_docker(owner: Callable[..., Any], aftermath: Any, tmp_path: Path) -> None:
    """On a machine where no Docker answers, the local engine's leftovers are swept all the same."""
    harness = abandoned(owner, "local")
    code = f"from pathlib import Path; from outlast.faults.sweep import sweep; print(sweep(Path({str(tmp_path)!r})))"
    deaf = {**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/nobody.sock"}

    printed = subprocess.run([sys.executable, "-c", code], env=deaf, capture_output=True, text=True, check=True).stdout

    assert "process app-1" in printed
    assert [] == aftermath.left("local", harness.run_id)

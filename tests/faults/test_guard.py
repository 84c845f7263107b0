"""A harness that dies at any moment leaves nothing behind; seen with the system's own tools, not with ours."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ENGINES = [pytest.param("local", marks=pytest.mark.local), pytest.param("compose", marks=pytest.mark.compose)]
PATIENCE_S = 10.0


@pytest.mark.parametrize("engine", ENGINES)
def test_a_killed_harness_leaves_nothing(
    engine: str, owner: Callable[..., Any], aftermath: Any, tmp_path: Path
) -> None:
    """SIGKILL while nodes are killed, paused and stopped: no node, network, volume or session file stays."""
    harness = owner(engine, "kill", "pause", "stop")
    harness.comes_to("stop")
    there = aftermath.left(engine, harness.run_id)

    os.kill(harness.process.pid, signal.SIGKILL)

    assert there
    assert [] == aftermath.vanishes(engine, harness.run_id)
    assert aftermath.wait_for(lambda: not (tmp_path / harness.run_id / "stack" / "data").exists())


@pytest.mark.parametrize("engine", ENGINES)
def test_a_harness_killed_in_mid_start_leaves_nothing(engine: str, owner: Callable[..., Any], aftermath: Any) -> None:
    """A Compose command that outlives its owner must not go on creating containers."""
    harness = owner(engine)
    harness.comes_to("starting")
    assert aftermath.wait_for(lambda: aftermath.first_node(engine, harness.run_id))

    os.kill(harness.process.pid, signal.SIGKILL)

    assert [] == aftermath.vanishes(engine, harness.run_id)
    time.sleep(1)  # nothing to wait for: it must stay so
    assert [] == aftermath.left(engine, harness.run_id)


@pytest.mark.parametrize("engine", ENGINES)
def test_ctrl_c_takes_the_stack_down(engine: str, owner: Callable[..., Any], aftermath: Any) -> None:
    """SIGINT to the whole foreground group, as a terminal sends it, ends the run in order."""
    harness = owner(engine, "pause")
    harness.comes_to("pause")

    os.killpg(harness.process.pid, signal.SIGINT)
    harness.comes_to("removed")
    harness.process.wait(PATIENCE_S)

    assert [] == aftermath.left(engine, harness.run_id)


@pytest.mark.local
def test_the_guard_outlives_ctrl_c_and_a_closed_terminal(owner: Callable[..., Any], aftermath: Any) -> None:
    """SIGINT, SIGTERM and SIGHUP do not end it: it ends when the harness has ended."""
    harness = owner("local")
    harness.comes_to("standing")
    guard = harness.guard()

    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        os.kill(guard, number)
    os.kill(harness.process.pid, signal.SIGKILL)

    assert [] == aftermath.vanishes("local", harness.run_id)


@pytest.mark.local
def test_a_guard_without_work_goes_quietly(owner: Callable[..., Any], aftermath: Any) -> None:
    """After a run that ended in order the ledger is closed, and the guard has gone with the harness."""
    harness = owner("local")
    harness.comes_to("standing")
    guard = harness.guard()
    ledger = Path(aftermath.command_of(guard).split()[-1])

    os.kill(harness.process.pid, signal.SIGINT)
    harness.comes_to("removed")
    harness.process.wait(PATIENCE_S)

    assert not Path(f"/proc/{guard}").exists()
    assert "closed" == json.loads(ledger.read_text().splitlines()[-1])["entry"]
    assert "" == ledger.with_name("guard.log").read_text()

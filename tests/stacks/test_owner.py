"""Who owns a run can be told alive from dead by any other process, however pids are recycled."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace

import pytest

from outlast.stacks.owner import Life, Owner


def test_it_survives_being_written_down() -> None:
    """What a label or a ledger holds is what was meant."""
    assert Owner.this_process() == Owner.parse(str(Owner.this_process()))


@pytest.mark.parametrize("text", ["", "nobody", "1:2:3", "x:1:b:n", "1:2:3:4:5"])
def test_anything_else_is_nobody(text: str) -> None:
    """A label that somebody else wrote names no owner of ours."""
    assert Owner.parse(text) is None


def test_alive_is_this_very_process() -> None:
    """The same pid with another start, or of another boot, is somebody else."""
    here = Owner.this_process()

    assert Life.ALIVE is here.life()
    assert Life.DEAD is replace(here, ticks=here.ticks + 1).life()
    assert Life.DEAD is replace(here, boot="another").life()


def test_of_pids_that_cannot_be_seen_nothing_is_said() -> None:
    """A run in another container must not be swept because its pid is not among ours."""
    assert Life.UNKNOWN is replace(Owner.this_process(), namespace="another").life()


def test_a_process_that_ended_is_dead_even_before_it_is_waited_for() -> None:
    """A zombie owns nothing."""
    code = "from outlast.stacks.owner import Owner; print(Owner.this_process(), flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        owner = Owner.parse(process.stdout.readline().strip())
        assert owner is not None
        living = owner.life()
        process.stdin.close()
        process.stdout.read()  # ends when it has
        deadline = time.monotonic() + 5
        while owner.life() is Life.ALIVE and time.monotonic() < deadline:
            time.sleep(0.005)
        ended = owner.life()

    assert (Life.ALIVE, Life.DEAD) == (living, ended)

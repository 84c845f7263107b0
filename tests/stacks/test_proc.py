"""Processes are seen as Linux shows them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from outlast.stacks import proc

# A name with spaces and parentheses, two processes in one group, two threads in the first.
CODE = """
import ctypes, os, threading, time
ctypes.CDLL(None).prctl(15, b"odd ) R (name", 0, 0, 0)
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
if os.fork(): print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def pair() -> Iterator[int]:
    """The group of two processes."""
    process = subprocess.Popen(
        [sys.executable, "-c", CODE], stdout=-1, text=True, start_new_session=True, env={**os.environ, "MARK": "m1"}
    )
    assert process.stdout is not None
    assert "ready\n" == process.stdout.readline()
    yield process.pid
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def wait_for(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 5
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.002)
    return True


def test_a_look_is_not_fooled_by_the_name(pair: int) -> None:
    """A program may call itself anything."""
    seen = proc.look(pair)

    assert seen is not None
    assert (pair, pair) == (seen.pid, seen.group)
    assert seen.ticks > 0
    assert not seen.gone
    assert proc.look(2**22 - 1) is None


def test_a_group_is_frozen_when_every_thread_of_it_is(pair: int) -> None:
    """One process that runs on is enough to answer a request."""
    both = proc.members(pair)
    assert 2 == len(both)
    assert not any(proc.frozen(one) for one in both)

    os.kill(pair, signal.SIGSTOP)
    assert wait_for(lambda: proc.frozen(both[0]) or proc.frozen(both[1]))
    assert not all(proc.frozen(one) for one in both)

    os.killpg(pair, signal.SIGSTOP)
    assert wait_for(lambda: all(proc.frozen(one) for one in both))


def test_marks_are_found_in_environments(pair: int) -> None:
    """Both processes carry the mark that they were started with."""
    assert {pair} == {seen.group for seen, known in proc.marked("MARK") if known["MARK"] == "m1"}
    assert 2 == sum(known["MARK"] == "m1" for _, known in proc.marked("MARK"))

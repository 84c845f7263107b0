"""What a run left as processes, found and ended by the marks in their environment alone, from any process."""

from __future__ import annotations

import contextlib
import os
import signal
import time

from outlast.stacks import proc
from outlast.stacks.owner import NODE_VARIABLE, OWNER_VARIABLE, RUN_VARIABLE, Life, Owner


def processes(run_id: str) -> list[tuple[proc.Look, str]]:
    """The living processes of a run, each with its node's name (or "helper"); never the one that asks."""
    return [
        (seen, known.get(NODE_VARIABLE, "helper"))
        for seen, known in proc.marked(RUN_VARIABLE)
        if known[RUN_VARIABLE] == run_id and seen.pid != os.getpid()
    ]


def remove_run(run_id: str, within_s: float = 5.0) -> list[str]:
    """SIGKILL every process of the run until a look finds none; returns them as `process app-1 (4711)`.

    Ends what is paused too: SIGKILL needs no thawing. Some milliseconds.
    """
    ended: dict[str, None] = {}
    deadline = time.monotonic() + within_s
    empty_looks = 0
    while empty_looks < 2 and time.monotonic() < deadline:
        found = processes(run_id)
        empty_looks = 0 if found else empty_looks + 1
        for seen, node in found:
            _kill(seen)
            ended[f"process {node} ({seen.pid})"] = None
        if found or empty_looks == 1:
            time.sleep(0.02)  # a process that is just being started bears its mark only now
    return list(ended)


def orphans() -> tuple[str, ...]:
    """The ids of runs with processes whose owner is surely dead."""
    found: dict[str, None] = {}
    for _, known in proc.marked(RUN_VARIABLE):
        owner = Owner.parse(known.get(OWNER_VARIABLE, ""))
        if owner is not None and owner.life() is Life.DEAD:
            found[known[RUN_VARIABLE]] = None
    return tuple(found)


def undo(run_id: str, node: str, verb: str) -> str:
    """Thaw a paused node, found by its marks. What was ended stays ended: its supervisor died with its owner."""
    if verb != "resume":
        return f"{node}: nothing to undo"
    groups = {seen.group for seen, name in processes(run_id) if name == node}
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGCONT)
    return f"{node}: {'resume' if groups else 'its processes are gone'}"


def sweep() -> list[str]:
    """End every process of runs whose owner is dead."""
    return [ended for run_id in orphans() for ended in remove_run(run_id)]


def _kill(seen: proc.Look) -> None:
    again = proc.look(seen.pid)
    if again is not None and again.ticks == seen.ticks:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(seen.pid, signal.SIGKILL)

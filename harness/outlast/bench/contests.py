"""Each measured fault beside what one would type in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from outlast.faults.aim import named
from outlast.faults.crash import Crash
from outlast.faults.fault import Fault
from outlast.faults.kill import Kill
from outlast.faults.pause import Pause
from outlast.faults.restart import Restart
from outlast.faults.stop import Stop
from outlast.stacks.stack import NodeState

VICTIM = "app-2"
HIM = named(VICTIM)

Command = Callable[[NodeState], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Contest:
    """A fault; the command that does the same harm by hand, and what takes it back (None: the node is started)."""

    fault: Fault
    plain: Command
    plain_undo: Command | None = None


CONTESTS = (
    Contest(Kill(HIM), lambda seen: ["docker", "kill", seen.identity]),
    Contest(Crash(HIM), lambda seen: ["kill", "-KILL", str(seen.pid)]),
    Contest(Stop(HIM, grace_s=5), lambda seen: ["docker", "stop", "-t", "5", seen.identity]),
    Contest(Restart(HIM, grace_s=5), lambda seen: ["docker", "restart", "-t", "5", seen.identity]),
    Contest(
        Pause(HIM),
        lambda seen: ["docker", "pause", seen.identity],
        lambda seen: ["docker", "unpause", seen.identity],
    ),
)

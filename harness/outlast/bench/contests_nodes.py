"""Faults of a whole node, beside docker and docker compose."""

from __future__ import annotations

from outlast.bench.contest import SELDOM, Contest, Hand
from outlast.faults.aim import every, named
from outlast.faults.crash import Crash
from outlast.faults.kill import Kill
from outlast.faults.pause import Pause
from outlast.faults.recreate import Recreate
from outlast.faults.restart import Restart
from outlast.faults.rolling_restart import RollingRestart
from outlast.faults.scale_in import ScaleIn
from outlast.faults.scale_out import ScaleOut
from outlast.faults.starve import Starve
from outlast.faults.stop import Stop

HIM = named("app-2")
SPARE = named("app-4")
GRACE = ["-t", "5"]


def _scaled(hand: Hand, count: int) -> list[str]:
    """So many containers of the victim's service."""
    service = hand.node.service
    up = ["up", "-d", "--no-build", "--no-deps", "--no-recreate", "--wait"]
    return hand.compose(*up, "--scale", f"{service}={count}", service)


NODES = (
    Contest(
        fault=Kill(HIM),
        by_hand="docker kill",
        plain=lambda hand: ["docker", "kill", hand.container()],
        ends=True,
    ),
    Contest(
        fault=Crash(HIM),
        by_hand="kill -KILL PID",
        plain=lambda hand: ["kill", "-KILL", str(hand.seen.pid)],
        ends=True,
    ),
    Contest(
        fault=Stop(HIM, grace_s=5),
        by_hand="docker stop",
        plain=lambda hand: ["docker", "stop", *GRACE, hand.container()],
        ends=True,
    ),
    Contest(
        fault=Restart(HIM, grace_s=5),
        by_hand="docker restart",
        plain=lambda hand: ["docker", "restart", *GRACE, hand.container()],
        ends=True,
    ),
    Contest(
        fault=Pause(HIM),
        by_hand="docker pause",
        plain=lambda hand: ["docker", "pause", hand.container()],
        plain_undo=lambda hand: ["docker", "unpause", hand.container()],
    ),
    Contest(
        fault=Starve(HIM),
        by_hand="docker update --cpu-quota",
        plain=lambda hand: ["docker", "update", "--cpu-period", "100000", "--cpu-quota", "2000", hand.container()],
        plain_undo=lambda hand: ["docker", "update", "--cpu-quota", "-1", hand.container()],
    ),
    Contest(
        fault=Recreate(HIM),
        by_hand="docker compose up --force-recreate",
        plain=lambda hand: hand.compose("up", "-d", "--no-build", "--no-deps", "--force-recreate", "app-2"),
        ends=True,
        strikes=2,
    ),
    Contest(
        fault=RollingRestart(every("replica"), grace_s=5, ready_s=0.5),
        by_hand="docker restart of three, one after the other",
        plain=lambda hand: ["docker", "restart", *GRACE, *map(hand.container, ("app-1", "app-2", "app-3"))],
        ends=True,
        strikes=SELDOM,
    ),
    Contest(
        fault=ScaleOut(SPARE),
        by_hand="docker compose up --wait --scale app-4=1",
        plain=lambda hand: _scaled(hand, 1),
        plain_undo=lambda hand: _scaled(hand, 0),
        strikes=SELDOM,
    ),
    Contest(
        fault=ScaleIn(HIM),
        by_hand="docker compose up --scale app-2=0",
        plain=lambda hand: _scaled(hand, 0),
        plain_undo=lambda hand: _scaled(hand, 1),
        strikes=SELDOM,
    ),
)

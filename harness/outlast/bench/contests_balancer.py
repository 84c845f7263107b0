"""Faults of the balancer, beside docker."""

from __future__ import annotations

from outlast.bench.contest import Contest, Hand
from outlast.faults.aim import named
from outlast.faults.reload import Reload
from outlast.faults.restart import Restart

BALANCER = named("balancer")


def _reloaded(hand: Hand) -> list[str]:
    """The signal, then looks until there is a worker that was not there before."""
    container = hand.container()
    known = "|".join(hand.asked("docker", "top", container, "-o", "pid").split())
    said = f"docker kill -s USR2 {container} && until docker top {container} -o pid | grep -qvxE '{known}'; do :; done"
    return ["sh", "-c", said]


BALANCERS = (
    Contest(
        fault=Reload(BALANCER),
        by_hand="docker kill -s USR2, then docker top until there is a new worker",
        plain=_reloaded,
    ),
    Contest(
        fault=Restart(BALANCER, grace_s=5),
        variant="balancer",
        by_hand="docker restart",
        plain=lambda hand: ["docker", "restart", "-t", "5", hand.container()],
        ends=True,
    ),
)

"""Acting on a container and learning from the daemon's own events when it took effect."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

from outlast.clock import wall_to_monotonic_ns
from outlast.errors import StackError
from outlast.stacks.compose.containers import Containers, Sight
from outlast.stacks.compose.daemon import refusals
from outlast.stacks.compose.events import Watch
from outlast.stacks.compose.last_breath import LastBreath
from outlast.stacks.stack import Node, Status

GONE_S = 10.0


def strike(containers: Containers, watch: Watch, node: Node, action: str, act: Callable[[Sight], object]) -> int:
    """Do it and return when it took effect (`die` or `pause`), monotonic ns: proven by the daemon's own event.

    A death is timed by the kernel where the process can be seen, else by the event. `StackError` when the node is not
    running beforehand, or when nothing happened within 10 s.
    """
    before = containers.look(node)
    if before is None or before.state.status is not Status.RUNNING:
        raise StackError(f"{node.name} is not running, so nothing can be done to it.")
    mark = watch.mark()
    with LastBreath(before.container, before.state.pid if action == "die" else None) as breath:
        with refusals(f"act on {node.name}"):
            act(before)
        event = watch.wait(before.container, action, mark, GONE_S)
        seen_ns = _looked_up(containers, node, action, before) if event is None else wall_to_monotonic_ns(event.wall_ns)
        return breath.ended_ns(seen_ns)


def _looked_up(containers: Containers, node: Node, action: str, before: Sight) -> int:
    """No event: either the stream broke, or nothing happened. Only a look can tell."""
    after = containers.look(node)
    if action == "pause" and after is not None and after.state.status is Status.PAUSED:
        return time.monotonic_ns()
    if action == "die" and (after is None or _another_start(before, after) or after.state.status is Status.EXITED):
        return _wall_ns(after.finished if after else "")
    raise StackError(f"{node.name} shows no {action} within {GONE_S:g} s: the harm did not take effect.")


def _another_start(before: Sight, after: Sight) -> bool:
    return before.container != after.container or before.state.started != after.state.started


def _wall_ns(text: str) -> int:
    """The daemon's time, such as 2024-05-01T10:00:00.123456789Z, on the run's clock; now when it is unreadable."""
    found = re.match(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", text)
    if found is None:
        return time.monotonic_ns()
    seconds = int(datetime.fromisoformat(found[1]).replace(tzinfo=UTC).timestamp())
    return wall_to_monotonic_ns(seconds * 10**9 + int((found[2] or "0").ljust(9, "0")))

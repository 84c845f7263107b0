"""When the next node may go: its predecessor has been well for a while."""

from __future__ import annotations

import time

from outlast.errors import StackError
from outlast.stacks.stack import Node, Stack, Status

LOOK_S = 0.1
PATIENCE_S = 60.0


def well_again(stack: Stack, node: Node, for_s: float) -> None:
    """Return when it has been running and healthy for so long without a break; `StackError` when it will not be."""
    deadline = time.monotonic() + for_s + PATIENCE_S
    since = time.monotonic()
    while time.monotonic() - since < for_s:
        state = stack.state(node)
        if state.status is not Status.RUNNING or state.healthy is False:
            since = time.monotonic()
        if since > deadline:
            raise StackError(f"{node.name} is not well {PATIENCE_S:g} s after it was started; the others are kept.")
        time.sleep(LOOK_S)

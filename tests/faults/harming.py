"""Harming a node for the length of a test's body, and stacks whose mechanisms only pretend."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from outlast.faults.fault import Fault, Proof
from outlast.stacks.powers import Ran
from outlast.stacks.stack import Stack


@contextlib.contextmanager
def in_force(stack: Stack, inside: Any, fault: Fault) -> Iterator[list[Proof]]:
    """The fault on app-1 while the body runs; the proofs of its onset and its end are in the list afterwards."""
    node = inside.node("app-1")
    before, proofs = stack.state(node), []
    fault.undo(stack, node)  # written down first, always
    try:
        proofs.append(fault.strike(stack, node))
        yield proofs
    finally:
        proofs.append(fault.heal(stack, node, before))


class Idle:
    """A stack in whose nodes' networks everything succeeds and nothing is done."""

    def __init__(self, stack: Stack, *verbs: str) -> None:
        self._stack = stack
        self._verbs = verbs

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stack, name)

    def in_network_of(self, node: Any, script: str, *, within_s: float = 10.0) -> Ran:
        if any(verb in script for verb in self._verbs):
            return Ran(0, "")
        return self._stack.in_network_of(node, script, within_s=within_s)  # type: ignore[attr-defined]

    def undo(self, node: Any, verb: str, facts: Any) -> str:
        return self._stack.undo(node, verb, facts) if verb not in self._verbs else ""  # type: ignore[attr-defined]


def wait_for(condition: Callable[[], bool], within_s: float = 15.0) -> bool:
    """Whether it came true in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True

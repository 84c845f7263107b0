"""What faults of a store ask it: the fields of INFO, and when by its own clock something happened."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from outlast.clock import wall_to_monotonic_ns
from outlast.errors import Unsupported
from outlast.stacks.powers import querying
from outlast.stacks.stack import Node, Stack, StoreKind

Answer = TypeVar("Answer")


def info(stack: Stack, node: Node, section: str) -> Mapping[str, str]:
    """Redis's own account of itself: field -> text. `StackError` when it does not answer."""
    lines = querying(stack).query(node, "INFO", section).splitlines()
    return {name: value.strip() for name, colon, value in (line.partition(":") for line in lines) if colon}


def clocked(ask: Callable[[], tuple[Answer, int]]) -> tuple[Answer, int]:
    """Ask -> (what is answered, wall time in microseconds by the store): the answer, and that time on the run's clock.

    A store's clock may be another machine's: what it says is believed only as far as it lies within the question.
    """
    called_ns = time.monotonic_ns()
    answer, wall_us = ask()
    return answer, min(max(wall_to_monotonic_ns(wall_us * 1000), called_ns), time.monotonic_ns())


def must_be(node: Node, fault: str, *kinds: StoreKind) -> StoreKind:
    """The node's kind, if it is one of these; else `Unsupported` says what the fault can be done to."""
    if node.kind is None or node.kind not in kinds:
        what = f"is {node.kind}" if node.kind else "has no kind"
        raise Unsupported(f"{fault} is done to a store of the kind {' or '.join(kinds)}; {node.name} {what}.")
    return node.kind

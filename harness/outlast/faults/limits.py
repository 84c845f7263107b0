"""What a node may use, written down before a harm and looked at after its end."""

from __future__ import annotations

from outlast.stacks.powers import limiting
from outlast.stacks.stack import Node, Stack

WERE = "limits"
"""The fact that tells them in words; the others are the engine's own."""


def facts(stack: Stack, node: Node) -> tuple[tuple[str, str], ...]:
    """Its limits as facts for the undo log."""
    return (*limiting(stack).limit_facts(node).items(), (WERE, str(limiting(stack).limits(node))))


def changed(stack: Stack, node: Node, were: str) -> str:
    """What is wrong with its limits now, as the rest of a sentence; "" when they are what they were."""
    now = str(limiting(stack).limits(node))
    return "" if now == were else f"its limits are {now} and were {were}"

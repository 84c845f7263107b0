"""What a look proves, as a table: only what is well again, and what the harm explains, is healed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from outlast.errors import StackError
from outlast.faults import proof
from outlast.stacks.stack import Node, NodeState, Role, Status

NODE = Node(name="app-1", role=Role.REPLICA, service="app-1")
WELL = NodeState(status=Status.RUNNING, identity="one", started="t1", healthy=True)
ANEW = replace(WELL, started="t2")
OTHER = replace(WELL, identity="two", started="t2")
GONE = replace(WELL, status=Status.EXITED, healthy=None, exit_code=137)


class Shown:
    """A stack of which one look is all there is."""

    def __init__(self, state: NodeState) -> None:
        self._state = state

    def state(self, node: Node) -> NodeState:
        return self._state


def heal(after: NodeState, restarted: bool | None, recreated: bool) -> proof.Proof:
    return proof.of_heal(Shown(after), NODE, lambda: None, WELL, restarted=restarted, recreated=recreated)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("after", "restarted", "recreated", "holds", "because"),
    [
        (ANEW, True, False, True, ""),
        (WELL, True, False, False, "never started anew"),
        (WELL, False, False, True, ""),
        (ANEW, False, False, False, "started anew, which the harm does not do"),
        (ANEW, None, False, True, ""),
        (OTHER, True, False, False, "not the same node any more"),
        (OTHER, True, True, True, ""),
        (ANEW, True, True, False, "still the old node"),
        (GONE, None, False, False, "not well"),
        (replace(ANEW, healthy=False), True, False, False, "not well"),
        (replace(ANEW, healthy=None), True, False, True, ""),
        (replace(WELL, status=Status.PAUSED), False, False, False, "not well"),
        (replace(ANEW, status=Status.RESTARTING), True, False, False, "not well"),
        (NodeState(status=Status.ABSENT), None, False, False, "not the same node"),
    ],
)
def test_a_heal_is_proven_by_what_the_node_is_now(
    after: NodeState, restarted: bool | None, recreated: bool, holds: bool, because: str
) -> None:
    """Running, healthy, the same or another node, started anew or not: each as the harm requires."""
    seen = heal(after, restarted, recreated)

    assert holds == seen.holds, seen.evidence
    assert because in seen.evidence


def test_a_cure_that_fails_proves_nothing() -> None:
    """The engine's own words are the evidence."""

    def fail() -> None:
        raise StackError("app-1 is exited with code 1.")

    seen = proof.of_heal(Shown(WELL), NODE, fail, WELL)  # type: ignore[arg-type]

    assert not seen.holds
    assert "app-1 is exited with code 1." == seen.evidence


def test_a_harm_is_proven_by_a_look_and_timed_by_the_engine() -> None:
    """The time of a harm that the look does not show is worth nothing."""

    def shown(state: NodeState) -> proof.Proof:
        return proof.of_harm(Shown(state), NODE, lambda: 42, lambda one: one.status is Status.EXITED)  # type: ignore[arg-type]

    assert (True, 42) == (shown(GONE).holds, shown(GONE).seen_ns)
    assert (False, None) == (shown(WELL).holds, shown(WELL).seen_ns)
    assert "app-1 was not harmed: it is running and healthy" in shown(WELL).evidence

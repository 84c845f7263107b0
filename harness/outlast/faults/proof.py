"""What proves from outside that a harm took effect, and that it is gone again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from outlast.errors import StackError
from outlast.faults.fault import Proof
from outlast.stacks.stack import Node, NodeState, Stack, Status

WELL_S = 60.0


def of_harm(
    stack: Stack, node: Node, harm: Callable[[], int], shows: Callable[[NodeState], bool], *, told: str = ""
) -> Proof:
    """Do the harm, look at the node, and say whether the look shows it.

    A verb that fails, or that claims a time but left the node as it was, proves nothing. `told`: what else is known.
    """
    try:
        seen_ns = harm()
    except StackError as refusal:
        return Proof(holds=False, evidence=str(refusal))
    state = stack.state(node)
    if not shows(state):
        return Proof(holds=False, evidence=f"{node.name} was not harmed: it {in_words(state)}")
    return Proof(holds=True, evidence=f"{node.name} {in_words(state)}{told and f', {told}'}", seen_ns=seen_ns)


def of_heal(
    stack: Stack,
    node: Node,
    cure: Callable[[], None],
    before: NodeState,
    *,
    restarted: bool | None = None,
    recreated: bool = False,
) -> Proof:
    """Do the cure, look at the node, and say whether it is what it should be again.

    It must run and be healthy; be the same node, or another if `recreated`; and have been started anew, or not, as
    `restarted` says (None: either). Its time is when the node was seen well.
    """
    try:
        cure()
    except StackError as refusal:
        return Proof(holds=False, evidence=str(refusal))
    state = stack.state(node)
    seen_ns = time.monotonic_ns()
    wrong = []
    if state.status is not Status.RUNNING or state.healthy is False:
        wrong.append("it is not well")
    if (state.identity != before.identity) != recreated:
        wrong.append("it is still the old node" if recreated else "it is not the same node any more")
    if restarted is not None and (state.started != before.started) != restarted:
        wrong.append("it was never started anew" if restarted else "it was started anew, which the harm does not do")
    evidence = f"{node.name} {in_words(state)}"
    if wrong:
        return Proof(holds=False, evidence=f"{evidence}; {', '.join(wrong)}", seen_ns=seen_ns)
    return Proof(holds=True, evidence=evidence, seen_ns=seen_ns)


def also(proof: Proof, flaw: Callable[[], str]) -> Proof:
    """The same proof if a further look finds no flaw ("" is none); a look that is refused is a flaw."""
    if not proof.holds:
        return proof
    try:
        wrong = flaw()
    except StackError as refusal:
        wrong = str(refusal)
    return replace(proof, holds=False, evidence=f"{proof.evidence}; {wrong}") if wrong else proof


def await_well(stack: Stack, node: Node, within_s: float = WELL_S) -> None:
    """Return when it runs and is healthy. `StackError` when it is not within so many seconds."""
    deadline = time.monotonic() + within_s
    while (state := stack.state(node)).status is not Status.RUNNING or state.healthy is False:
        if time.monotonic() > deadline:
            raise StackError(f"{node.name} {in_words(state)}, {within_s:g} s after the harm was taken back")
        time.sleep(0.02)


def in_words(state: NodeState) -> str:
    """A look as the rest of a sentence: `is exited with code 137, last started ...`."""
    parts = [f"is {state.status}"]
    if state.exit_code is not None and state.status is not Status.RUNNING:
        parts.append(f"with code {state.exit_code}")
    if state.status is Status.RUNNING and state.healthy is not None:
        parts.append("and healthy" if state.healthy else "and not healthy")
    if state.pid:
        parts.append(f"as process {state.pid}")
    if state.started:
        parts.append(f"(started {state.started}, id {state.identity[:12]})")
    return " ".join(parts)

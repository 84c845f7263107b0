"""A reload: the balancer reads its configuration anew, and another worker takes over from the old one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

from outlast.errors import StackError, UsageError
from outlast.faults import proof
from outlast.faults.fault import Aim, Proof, Undo
from outlast.stacks.powers import executing, prepare_inside
from outlast.stacks.stack import Node, NodeState, Power, Stack

TAKES_OVER_S = 10.0
LOOK_S = 0.01

# The children of the main process, whose parent is the second field after the name in parentheses.
WORKERS = """
for stat in /proc/[0-9]*/stat; do
    read -r line 2>/dev/null < "$stat" || continue
    name=${stat#/proc/}
    set -- ${line##*) }
    [ "$2" = 1 ] && echo "${name%/stat}"
done
true
"""


@dataclass(frozen=True, slots=True)
class Reload:
    """A signal (`USR2`, as HAProxy's master takes it; `HUP` for nginx), upon which a new worker takes over.

    What the old worker knew goes with it: states and weights told at run time, sticky tables without peers. Proven by a
    worker of the main process that was not there before, while the container was never started anew. It needs `sh` in
    the image, and a main process that has workers.
    """

    aim: Aim
    signal: str = "USR2"

    name: ClassVar[str] = "reload"
    needs: ClassVar[tuple[Power, ...]] = (Power.EXECUTE,)
    irreversible: ClassVar[bool] = False
    instant: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not self.signal.isalnum():
            raise UsageError(f"Reload(signal={self.signal!r}) is no signal; give its name, such as USR2 or HUP.")

    def prepare(self, stack: Stack, node: Node) -> None:
        prepare_inside(stack, node)

    def undo(self, stack: Stack, node: Node) -> Undo:
        return Undo(fault=self.name, node=node.name, verb="nothing")

    def strike(self, stack: Stack, node: Node) -> Proof:
        before = stack.state(node)
        try:
            old = _workers(stack, node)
            if not old:
                return Proof(holds=False, evidence=f"the main process of {node.name} has no workers to be replaced")
            ran = executing(stack).execute(node, ["sh", "-c", f"kill -{self.signal} 1"])
            new = _new_workers(stack, node, old)
            seen_ns = time.monotonic_ns()
        except StackError as refusal:
            return Proof(holds=False, evidence=str(refusal))
        if not new:
            said = ran.output.strip()[-200:]
            return Proof(
                holds=False, evidence=f"{node.name} has no new worker within {TAKES_OVER_S:g} s {said}".strip()
            )
        workers = f"workers {_told(new)} beside {_told(old)}"
        return proof.of_harm(stack, node, lambda: seen_ns, lambda state: state.started == before.started, told=workers)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        healed = proof.of_heal(stack, node, lambda: stack.start_node(node), before, restarted=False)
        return proof.also(healed, lambda: "" if _workers(stack, node) else "it has no worker any more")


def _new_workers(stack: Stack, node: Node, old: frozenset[str]) -> frozenset[str]:
    """Those that were not there before, as soon as there are some; none when the patience is at its end."""
    deadline = time.monotonic() + TAKES_OVER_S
    while True:
        new = _workers(stack, node) - old
        if new or time.monotonic() > deadline:
            return new
        time.sleep(LOOK_S)


def _workers(stack: Stack, node: Node) -> frozenset[str]:
    return frozenset(executing(stack).execute(node, ["sh", "-c", WORKERS]).output.split())


def _told(workers: frozenset[str]) -> str:
    return ", ".join(sorted(workers, key=int))

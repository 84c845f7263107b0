"""Out of memory: the kernel kills the node's main process, because its control group may not have more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from outlast.faults import limits, proof
from outlast.faults.fault import Aim, Proof, Undo
from outlast.faults.remembering import Records
from outlast.stacks.powers import limiting
from outlast.stacks.stack import Node, NodeState, Power, Stack, Status


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """Killed by the kernel for want of memory: a limit just above its use, and more is taken inside.

    The limit is set just above what is used, because cgroup v1 refuses one below; then a process inside takes 64 MB
    while the main process is the kernel's first choice. It needs `sh` and `dd` in the image. Its limits are back after
    the heal; where there was none, Docker shows the kernel's own "no limit" instead of 0.
    """

    aim: Aim
    _records: Records = field(default_factory=Records, repr=False, compare=False)

    name: ClassVar[str] = "out_of_memory"
    needs: ClassVar[tuple[Power, ...]] = (Power.LIMIT, Power.EXECUTE, Power.START)
    irreversible: ClassVar[bool] = True
    instant: ClassVar[bool] = False

    def undo(self, stack: Stack, node: Node) -> Undo:
        verb = "relax_and_start"
        return self._records.keep(Undo(fault=self.name, node=node.name, verb=verb, facts=limits.facts(stack, node)))

    def strike(self, stack: Stack, node: Node) -> Proof:
        before = stack.state(node)

        def shows(state: NodeState) -> bool:
            # With a restart policy it may be back before we look: then its start tells that it had gone.
            gone = state.status in (Status.EXITED, Status.RESTARTING) or state.started != before.started
            return gone and state.out_of_memory

        return proof.of_harm(stack, node, lambda: limiting(stack).exhaust_memory(node), shows)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        def cure() -> None:
            self._records.take_back(stack, node)
            stack.start_node(node)

        healed = proof.of_heal(stack, node, cure, before, restarted=True)
        return proof.also(healed, lambda: limits.changed(stack, node, self._records.fact(node, limits.WERE)))

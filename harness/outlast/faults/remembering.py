"""What heal needs to know of the node as it was, kept by the fault that wrote it into the undo log."""

from __future__ import annotations

from dataclasses import dataclass, field

from outlast.faults.fault import Undo
from outlast.stacks.powers import undoing
from outlast.stacks.stack import Node, Stack


@dataclass(frozen=True, slots=True)
class Records:
    """The undo records of one fault, node by node; `take_back` does what guard and sweep would do with them."""

    _by_node: dict[str, Undo] = field(default_factory=dict)

    def keep(self, record: Undo) -> Undo:
        """Remember it, and give it on."""
        self._by_node[record.node] = record
        return record

    def fact(self, node: Node, name: str) -> str:
        """One fact of the latest record; "" when there is none."""
        record = self._by_node.get(node.name)
        return dict(record.facts).get(name, "") if record else ""

    def take_back(self, stack: Stack, node: Node) -> str:
        """Undo the harm on a node; what was never recorded was never done. `StackError` when it is refused."""
        record = self._by_node.get(node.name)
        if record is None:
            return f"{node.name}: nothing to undo"
        return undoing(stack).undo(node, record.verb, dict(record.facts))

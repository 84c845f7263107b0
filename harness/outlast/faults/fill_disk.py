"""A full disk: where the store keeps its data, nothing more can be written."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from outlast.errors import StackError, UsageError
from outlast.faults import proof
from outlast.faults.fault import Aim, Proof, Undo
from outlast.faults.remembering import Records
from outlast.stacks.powers import executing
from outlast.stacks.stack import Node, NodeState, Power, Stack

LARGEST_MB = 256
FILL_S = 30.0
NAME = ".outlast-full"
NO_SPACE = "No space left on device"

PROBE = 'dd if=/dev/zero of="$1.probe" bs=65536 count=1 2>&1; code=$?; rm -f "$1.probe"; exit $code'
# In one go, because a store may end over it at once; a number of kilobytes, and then what a write was answered.
FILL = 'dd if=/dev/zero of="$1" bs=65536 2>/dev/null; df -Pk "$2" | tail -n 1; ' + PROBE
C_LOCALE = {"LC_ALL": "C"}


@dataclass(frozen=True, slots=True)
class FillDisk:
    """The disk with its data is filled to the last byte by one file; what it could not write meanwhile is lost.

    `directory` must lie on a disk of at most 256 MB of its own (the lab's option `small-disk`, or a small volume of
    yours): a larger one may be the machine's. It needs `sh`, `dd` and `df` in the image. Proven by `df` and by a write
    that fails; the heal by a write that succeeds.
    """

    aim: Aim
    directory: str = "/data"
    _records: Records = field(default_factory=Records, repr=False, compare=False)

    name: ClassVar[str] = "fill_disk"
    needs: ClassVar[tuple[Power, ...]] = (Power.EXECUTE, Power.START)
    irreversible: ClassVar[bool] = True
    instant: ClassVar[bool] = False

    def undo(self, stack: Stack, node: Node) -> Undo:
        """Raises `UsageError` when the directory lies on a disk that is too large to be filled."""
        ran = executing(stack).execute(node, ["df", "-Pk", self.directory], environment=C_LOCALE)
        size_mb, _ = _size_and_free_mb(ran.output.splitlines())
        if size_mb > LARGEST_MB:
            raise UsageError(
                f"{self.directory} of {node.name} lies on a disk of {size_mb:.0f} MB, and only one of at most "
                f"{LARGEST_MB} MB is filled; give it a small volume (in the lab: --architecture redis-aof+small-disk)."
            )
        facts = (("path", self._file),)
        return self._records.keep(Undo(fault=self.name, node=node.name, verb="remove_and_start", facts=facts))

    def strike(self, stack: Stack, node: Node) -> Proof:
        command = ["sh", "-c", FILL, "sh", self._file, self.directory]
        try:
            ran = executing(stack).execute(node, command, environment=C_LOCALE, within_s=FILL_S)
            seen_ns = time.monotonic_ns()
            size_mb, free_mb = _size_and_free_mb(ran.output.splitlines()[:1])
        except StackError as refusal:
            return Proof(holds=False, evidence=str(refusal))
        answered = next(iter(ran.output.splitlines()[1:]), "") if ran.code else "with success"
        told = f"{self.directory} of {node.name} has {free_mb:.1f} of {size_mb:.0f} MB free; a write was answered"
        harmed = free_mb == 0 and NO_SPACE in answered
        return Proof(holds=harmed, evidence=f"{told} {answered}", seen_ns=seen_ns if harmed else None)

    def heal(self, stack: Stack, node: Node, before: NodeState) -> Proof:
        def cure() -> None:
            self._records.take_back(stack, node)
            stack.start_node(node)  # it may have ended over it

        healed = proof.of_heal(stack, node, cure, before)
        return proof.also(healed, lambda: self._write(stack, node))

    @property
    def _file(self) -> str:
        return f"{self.directory.rstrip('/')}/{NAME}"

    def _write(self, stack: Stack, node: Node) -> str:
        """Why 64 KB cannot be written there; "" when they can."""
        ran = executing(stack).execute(node, ["sh", "-c", PROBE, "sh", self._file], environment=C_LOCALE)
        return "" if ran.code == 0 else ran.output.strip().splitlines()[0]


def _size_and_free_mb(rows: Sequence[str]) -> tuple[float, float]:
    """The last row that df printed -> megabytes."""
    columns = rows[-1].split() if rows else []
    if len(columns) < 4 or not (columns[1].isdecimal() and columns[3].isdecimal()):
        raise StackError(f"df does not tell the size of the disk: {' '.join(rows)[-200:]}")
    return int(columns[1]) / 1024, int(columns[3]) / 1024

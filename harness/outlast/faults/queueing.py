"""A queue of ours (tc) in front of each interface of a node, through which goes what it sends."""

from __future__ import annotations

import hashlib
import json
import shlex
import time
from dataclasses import dataclass

from outlast.errors import StackError
from outlast.faults import proof
from outlast.faults.fault import Proof, Undo
from outlast.stacks.powers import networking, undoing
from outlast.stacks.stack import Node, NodeState, Stack

# No more programs are started than it takes: under load each costs some milliseconds of a strike.
EACH_DEVICE = "for device in /sys/class/net/*; do device=${device##*/}; [ $device = lo ] && continue"
# tc refuses to add one where one is set up, in words of each kernel's own. The default, which has the handle 0:, is no
# such, and comes back when ours goes.
TAKEN = "has a queue that somebody else has set up, which is left alone"


@dataclass(frozen=True, slots=True)
class Queue:
    """A root qdisc. `kind` is tc's word for it, `settings` what follows; by its `handle` it is known as ours."""

    kind: str
    settings: str
    handle: str

    def strike(self) -> str:
        """The script that sets it up everywhere or nowhere; it fails where somebody else has set a queue up."""
        mine = f"/run/undo/{self.name}"
        return "\n".join(
            (
                f"printf %s {shlex.quote(self.undo())} > {mine}",
                EACH_DEVICE,
                f"  tc qdisc add dev $device root handle {self.handle} {self.kind} {self.settings} && continue",
                f'  sh {mine}; case "$(tc qdisc show dev $device root)" in',
                f'    ""|*" 0: "*) ;; *) echo "$device {TAKEN}";; esac; exit 4',
                "done",
            )
        )

    def undo(self) -> str:
        """The script that takes ours away, or nothing where it is not; somebody else's stays."""
        return (
            f"{EACH_DEVICE}\n"
            '  case "$(tc qdisc show dev $device root)" in\n'
            f'    "qdisc {self.kind} {self.handle} "*) tc qdisc del dev $device root || exit 1;;\n'
            "  esac\n"
            "done\n"
            f"rm -f /run/undo/{self.name}\n"
        )

    @property
    def name(self) -> str:
        """A name for it, as a file."""
        return f"queue_{self.kind}_{self.handle.rstrip(':')}"


@dataclass(frozen=True, slots=True)
class Counted:
    """What the kernel counted at our queues, all interfaces together."""

    packets: int
    overlimits: int
    dropped: int
    waiting: int


def handle(stack: Stack, told: str) -> str:
    """The handle of a harm of this run: below those that the kernel gives by itself."""
    digest = hashlib.sha256(f"{stack.run_id} {told}".encode()).digest()
    return f"{0x1000 + int.from_bytes(digest[:2], 'big') % 0x6000:x}:"


def undo(stack: Stack, node: Node, fault: str, queue: Queue) -> Undo:
    """The record that takes a queue away."""
    facts = networking(stack).network_undo(queue.undo())
    return Undo(fault=fault, node=node.name, verb="network", facts=tuple(facts.items()))


def put(stack: Stack, node: Node, queue: Queue) -> int:
    """Set it up; returns when it was, monotonic ns. `StackError` with tc's own words when it is refused."""
    ran = networking(stack).in_network_of(node, queue.strike())
    done_ns = time.monotonic_ns()
    if ran.code != 0:
        raise StackError(ran.output.strip()[-300:])
    return done_ns


def look(stack: Stack, node: Node, queue: Queue) -> Counted | None:
    """What ours has counted; None when it is nowhere. `StackError` when that cannot be told."""
    ran = networking(stack).in_network_of(node, "tc -s -j qdisc show")
    if ran.code != 0:
        raise StackError(f"{node.name}: its queues cannot be read: {ran.output.strip()[-200:]}")
    ours = [one for one in json.loads(ran.output) if one["kind"] == queue.kind and one["handle"] == queue.handle]
    if not ours:
        return None
    return Counted(*(sum(int(one.get(key, 0)) for one in ours) for key in ("packets", "overlimits", "drops", "qlen")))


def heal(stack: Stack, node: Node, before: NodeState, undo: Undo, queue: Queue) -> Proof:
    """Take it away and prove that it is gone."""

    def cure() -> None:
        undoing(stack).undo(node, undo.verb, dict(undo.facts))
        if look(stack, node, queue) is not None:
            raise StackError(f"{node.name}: queue {queue.kind} {queue.handle} is still there")
        proof.await_well(stack, node)

    return proof.of_heal(stack, node, cure, before)

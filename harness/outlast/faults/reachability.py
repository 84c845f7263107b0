"""Whether a node reaches another: a TCP connection tried inside its own network, as its program would open it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from outlast.errors import StackError
from outlast.stacks.powers import networking
from outlast.stacks.stack import Node, Stack, Status

SILENCE_S = 0.4
"""How long nobody may answer before it is called silence; an answer takes less than a millisecond."""
CLOSED_PORT = 9
"""Asked where the stack's files name no port: a host that can be reached refuses it at once."""


class Answer(StrEnum):
    """How a connection ended."""

    CONNECTED = "connected"
    REFUSED = "refused"
    SILENT = "silent"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Knock:
    """One try: who asked whom, and what came of it. `listens`: whether somebody is known to listen there."""

    origin: str
    target: str
    listens: bool
    answer: Answer

    @property
    def reached(self) -> bool:
        """Whether an answer came that only the target itself gives."""
        return self.answer is Answer.CONNECTED or (not self.listens and self.answer is Answer.REFUSED)

    def __str__(self) -> str:
        return f"{self.origin} to {self.target}: {self.answer}"


def knock(stack: Stack, origin: Node, targets: Sequence[Node]) -> tuple[Knock, ...]:
    """Try all targets at once from inside the origin's network; those without an address are left out.

    Some 10 ms when all answer, `SILENCE_S` when one does not. `StackError` when it cannot be tried at all.
    """
    network = networking(stack)
    tries = [(node, address, network.port(node)) for node in targets if (address := _address(stack, origin, node))]
    lines = [
        f"( said=$(timeout {SILENCE_S} bash -c 'exec 3<>/dev/tcp/{address}/{port or CLOSED_PORT}' 2>&1); "
        f'echo "{number} $? "$said ) &'
        for number, (_, address, port) in enumerate(tries)
    ]
    ran = network.in_network_of(origin, "\n".join([*lines, "wait"]))
    answers = {}
    for line in ran.output.splitlines():
        number, _, rest = line.partition(" ")
        code, _, said = rest.partition(" ")
        answers[number] = _read(code, said)
    if len(answers) != len(tries):
        raise StackError(f"{origin.name}: it could not be tried whom it reaches: {ran.output.strip()[-200:]}")
    return tuple(
        Knock(origin.name, node.name, port is not None, answers[str(number)])
        for number, (node, _, port) in enumerate(tries)
    )


def volley(stack: Stack, origin: Node, targets: Sequence[Node], packets: int, size: int = 1) -> int:
    """Send so many datagrams of `size` bytes to a closed port of the first target; returns how many. 5 us each.

    Whether they arrive is nobody's matter: they are there to meet what counts packets. `StackError` without a target.
    """
    address = next((address for node in targets if (address := _address(stack, origin, node))), None)
    if address is None:
        raise StackError(
            f"{origin.name} has no neighbour that runs, so no packet can be sent to see what becomes of it."
        )
    script = (
        f"exec 3<>/dev/udp/{address}/{CLOSED_PORT}; printf -v data '%{size}s' ''; "
        f'for ((i = 0; i < {packets}; i++)); do printf "$data" >&3; done 2>/dev/null; exit 0'
    )
    networking(stack).in_network_of(origin, f"bash -c {shlex.quote(script)}", within_s=30)
    return packets


def neighbours(stack: Stack, node: Node) -> tuple[Node, ...]:
    """The other nodes that run on one of its networks now."""
    network = networking(stack)
    mine = set(network.addresses(node))
    others = (other for other in stack.nodes() if other != node and stack.state(other).status is Status.RUNNING)
    return tuple(other for other in others if mine & set(network.addresses(other)))


def _address(stack: Stack, origin: Node, target: Node) -> str | None:
    """The target's address, on a network that both are on if there is one."""
    if stack.state(target).status is not Status.RUNNING:
        return None
    near, found = networking(stack).addresses(origin), networking(stack).addresses(target)
    return next((found[name] for name in found if name in near), next(iter(found.values()), None))


def _read(code: str, said: str) -> Answer:
    if code == "0":
        return Answer.CONNECTED
    if code == "124":
        return Answer.SILENT
    if "refused" in said:
        return Answer.REFUSED
    return Answer.UNREACHABLE

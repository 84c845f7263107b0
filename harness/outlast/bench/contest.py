"""A contest: one fault beside what one would type in its place."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from outlast.errors import NodeNotFound
from outlast.faults.fault import Fault
from outlast.stacks.compose.command import find
from outlast.stacks.compose.hostpid import belongs
from outlast.stacks.powers import nodes_of
from outlast.stacks.stack import Node, NodeState, Stack

OFTEN = 6
SELDOM = 1
"""For what takes ten seconds and more until the next one can follow."""
FILES, PROJECT = "com.docker.compose.project.config_files", "com.docker.compose.project"


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody at a terminal, who has looked up before the instant what the command needs."""

    stack: Stack
    node: Node
    seen: NodeState
    """The victim as it is."""

    def container(self, name: str = "") -> str:
        """The id of a node's container, the victim's by default. Raises NodeNotFound."""
        return self.state(name).identity if name else self.seen.identity

    def state(self, name: str) -> NodeState:
        """Any node as it is now. Raises NodeNotFound."""
        nodes = {node.name: node for node in nodes_of(self.stack)}
        if name not in nodes:
            raise NodeNotFound(name, nodes)
        return self.stack.state(nodes[name])

    def asked(self, *command: str) -> str:
        """What a command prints, looked up before the instant. Raises CalledProcessError."""
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def in_network(self, *words: str) -> list[str]:
        """A command in the victim's network: at once for root on the daemon's machine, else in a container of its own.

        A container is what is left to everybody else, and takes two tenths of a second to start.
        """
        if os.geteuid() == 0 and self.seen.pid and belongs(self.container(), self.seen.pid):
            return ["nsenter", "-t", str(self.seen.pid), "-n", *words]
        apart = ["docker", "run", "--rm", "--network", f"container:{self.container()}", "--user", "0"]
        return [*apart, "--cap-add", "NET_ADMIN", self.stack.environment()["image"], *words]

    def compose(self, *words: str) -> list[str]:
        """Compose, told of the project as it was when the project was brought up."""
        container = self.container("balancer")
        told = json.loads(self.asked("docker", "inspect", "--format", "{{json .Config}}", container))
        files = [part for file in told["Labels"][FILES].split(",") for part in ("-f", file)]
        known = ["env", f"OUTLAST_LAB_IMAGE={told['Image']}"]
        return [*known, *find().argv, "-p", told["Labels"][PROJECT], *files, *words]


Command = Callable[[Hand], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """A fault, and the command that does the same harm by hand.

    `by_hand`: that command in words. `plain_undo` takes it back, where that takes a command. `ends`: the node goes away
    and is started again by whoever measures. `ahead` is done before each strike of either, so that there is something
    to lose. `settle` waits until the next one may strike, where it is not enough that the nodes are well. `strikes`: in
    each run.
    """

    fault: Fault
    by_hand: str
    plain: Command
    plain_undo: Command | None = None
    ends: bool = False
    ahead: Command | None = None
    settle: Callable[[Stack], None] | None = None
    strikes: int = OFTEN
    architecture: str = "redis-aof"
    variant: str = ""
    """What sets it apart from another contest of the same fault."""

    @property
    def name(self) -> str:
        """The fault's name, and the variant after it."""
        return f"{self.fault.name}_{self.variant}" if self.variant else self.fault.name

"""Further powers that an engine may have over a node, each a contract of its own beside stack.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from outlast.errors import Unsupported
from outlast.stacks.stack import Node, Stack


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended: its exit code, and what it printed on both streams."""

    code: int
    output: str


@runtime_checkable
class Executing(Protocol):
    """Runs commands inside a node, as `docker exec` does."""

    def execute(
        self,
        node: Node,
        command: Sequence[str],
        *,
        user: str = "",
        environment: Mapping[str, str] | None = None,
        within_s: float = 10.0,
    ) -> Ran:
        """Run it to its end in a running node, as the image's own user unless told. `StackError` when it does not end.

        A secret goes into `environment`, which is shown nowhere, never into the command.
        """
        ...


@runtime_checkable
class Querying(Protocol):
    """Speaks to a store in its own language: a Redis command word by word, or SQL as one word."""

    def query(self, node: Node, *words: str, within_s: float = 10.0) -> str:
        """What the store answers: one line per element, nested ones too, and per row. About 60 ms in a container,
        some 5 ms after `prepare_inside`.

        `StackError` when the store refuses, or does not answer in time.
        """
        ...

    def sayings(self, *said: tuple[Node, Sequence[str]]) -> Mapping[str, str]:
        """Whom to say what, in this order, as the plain strings that the undo verb `say` needs."""
        ...


@runtime_checkable
class Readying(Protocol):
    """Makes commands in a node and questions to a store faster before they are needed."""

    def prepare_inside(self, node: Node) -> None:
        """So that the next `execute` and `query` there cost milliseconds; some 60 ms, idempotent, never in the way."""
        ...


@runtime_checkable
class Networking(Protocol):
    """Acts inside a node's network namespace, from a process that shares nothing else with the node."""

    def in_network_of(self, node: Node, script: str, *, within_s: float = 10.0) -> Ran:
        """Run a shell script there with nft, tc, ip and bash at hand and power over that network alone.

        What it writes into /run/undo is run when this process dies, by the helper itself. `StackError` when it does not
        end in time, or the node does not run.
        """
        ...

    def prepare_network(self, node: Node) -> None:
        """Make ready what `in_network_of` needs there, so that the next script costs milliseconds; idempotent.

        Some 0.2 s; minutes when the helpers' image must be made first. `Unsupported` where the network is shared.
        """
        ...

    def network_undo(self, script: str) -> Mapping[str, str]:
        """The facts with which the verb `network` runs that script in a node's network, from any process."""
        ...

    def addresses(self, node: Node) -> Mapping[str, str]:
        """Network -> the node's address in it, now; an IPv6 address under the network's name and ` (IPv6)`."""
        ...

    def port(self, node: Node) -> int | None:
        """Where the node listens inside, as the stack's files tell; None when they do not."""
        ...


@runtime_checkable
class Connecting(Protocol):
    """Takes a node off its networks and puts it back."""

    def disconnect(self, node: Node) -> int:
        """Off all its networks. Returns when it was seen off, monotonic ns."""
        ...

    def connect(self, node: Node, facts: Mapping[str, str]) -> None:
        """Back to the networks, under the names, that `connections` told."""
        ...

    def connections(self, node: Node) -> Mapping[str, str]:
        """What `connect` needs to know, as plain strings for the undo log."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a node may use. `cpus` 0.05 is a twentieth of one core; None: without limit."""

    cpus: float | None = None
    memory_bytes: int | None = None


@runtime_checkable
class Limiting(Protocol):
    """Sets what a running node may use (its control group)."""

    def limits(self, node: Node) -> Limit:
        """What is set now."""
        ...

    def limit(self, node: Node, limit: Limit) -> None:
        """Set it, all of it. `StackError` where the kernel refuses, such as memory below what is used."""
        ...

    def limit_facts(self, node: Node) -> Mapping[str, str]:
        """What is set now, as plain strings for the undo log."""
        ...

    def memory_used_bytes(self, node: Node) -> int:
        """What it uses now and could not give up."""
        ...

    def throttled_ns(self, node: Node) -> int:
        """How long the kernel has held it back for want of CPU, by its control group's own counter."""
        ...

    def exhaust_memory(self, node: Node) -> int:
        """Have the kernel kill it for want of memory. Returns when it was seen gone, monotonic ns.

        `StackError` when it did not die, or died of something else.
        """
        ...


@runtime_checkable
class Recreating(Protocol):
    """Can tell how a recreation is finished whose owner died in the middle of it."""

    def recreation(self, node: Node) -> Mapping[str, str]:
        """What the verb `up` needs to know, as plain strings for the undo log; empty: the whole stack goes away."""
        ...


@runtime_checkable
class Deploying(Protocol):
    """Puts another build in a node's place."""

    def deploy(self, node: Node, variables: Mapping[str, str]) -> int:
        """Recreate the node with these variables of its Compose files set. Returns when the old one was gone."""
        ...


@runtime_checkable
class Scaling(Protocol):
    """Adds and takes away nodes, those in reserve among them (`x-outlast: {role: spare}`)."""

    def spares(self) -> tuple[Node, ...]:
        """The nodes in reserve, started or not."""
        ...

    def add(self, node: Node) -> int:
        """Start a node that is not there and wait until it is healthy. Returns when it was, monotonic ns."""
        ...

    def take_away(self, node: Node) -> int:
        """Stop a node in order (SIGTERM, its own grace) and remove it. Returns when it was gone."""
        ...


@runtime_checkable
class Moving(Protocol):
    """Recreates a node at another address."""

    def move(self, node: Node) -> int:
        """A new node of the same name whose address is not the old one's. Returns when the old one was gone."""
        ...


@runtime_checkable
class Undoing(Protocol):
    """Takes back a harm by its record, by the same code that the guard and the sweep run."""

    def undo(self, node: Node, verb: str, facts: Mapping[str, str]) -> str:
        """Do what `verb` says (undoing.py of the engine); returns what was done. `StackError` when it is refused."""
        ...


def executing(stack: Stack) -> Executing:
    """The stack as one that runs commands in its nodes; `Unsupported` when its engine does not."""
    if not isinstance(stack, Executing):
        raise Unsupported(f"The {stack.engine} engine cannot run a command in a node; use --engine compose.")
    return stack


def querying(stack: Stack) -> Querying:
    """The stack as one that speaks to its stores."""
    if not isinstance(stack, Querying):
        raise Unsupported(f"The {stack.engine} engine cannot speak to a store; use --engine compose.")
    return stack


def prepare_inside(stack: Stack, *nodes: Node) -> None:
    """Make commands in these nodes and questions to them faster, where the engine has a way."""
    if isinstance(stack, Readying):
        for node in nodes:
            stack.prepare_inside(node)


def networking(stack: Stack) -> Networking:
    """The stack as one whose networks can be acted on."""
    if not isinstance(stack, Networking):
        raise Unsupported(f"The {stack.engine} engine cannot act on a node's network; use --engine compose.")
    return stack


def connecting(stack: Stack) -> Connecting:
    """The stack as one whose nodes can be taken off their networks."""
    if not isinstance(stack, Connecting):
        raise Unsupported(f"The {stack.engine} engine cannot take a node off its networks; use --engine compose.")
    return stack


def limiting(stack: Stack) -> Limiting:
    """The stack as one whose nodes can be limited."""
    if not isinstance(stack, Limiting):
        raise Unsupported(f"The {stack.engine} engine cannot limit a node; use --engine compose.")
    return stack


def deploying(stack: Stack) -> Deploying:
    """The stack as one to which another build can be deployed."""
    if not isinstance(stack, Deploying):
        raise Unsupported(f"The {stack.engine} engine cannot deploy another build; use --engine compose.")
    return stack


def moving(stack: Stack) -> Moving:
    """The stack as one whose nodes can be given another address."""
    if not isinstance(stack, Moving):
        raise Unsupported(f"The {stack.engine} engine cannot give a node another address; use --engine compose.")
    return stack


def scaling(stack: Stack) -> Scaling:
    """The stack as one that has nodes in reserve."""
    if not isinstance(stack, Scaling):
        raise Unsupported(f"The {stack.engine} engine cannot add a node; use --engine compose.")
    return stack


def nodes_of(stack: Stack) -> tuple[Node, ...]:
    """All nodes that a fault may aim at: those of the stack, and those in reserve if its engine can add them."""
    return (*stack.nodes(), *(stack.spares() if isinstance(stack, Scaling) else ()))


def undoing(stack: Stack) -> Undoing:
    """The stack as one that takes back a harm by its record."""
    if not isinstance(stack, Undoing):
        raise Unsupported(f"The {stack.engine} engine cannot undo by a record; use --engine compose.")
    return stack

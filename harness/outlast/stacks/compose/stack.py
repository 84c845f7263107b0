"""A stack of containers: brought up by Compose, looked at and acted on through the Docker daemon."""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

from outlast.errors import OutlastError, StackError
from outlast.stacks import lab as lab_files
from outlast.stacks.compose import (
    connecting,
    executing,
    images,
    kernel,
    limiting,
    moving,
    override,
    querying,
    residue,
    undoing,
)
from outlast.stacks.compose.burial import Burial
from outlast.stacks.compose.command import Compose, build_settings
from outlast.stacks.compose.containers import Containers, Sight
from outlast.stacks.compose.daemon import connect, endpoint, refusals
from outlast.stacks.compose.events import Watch
from outlast.stacks.compose.health import wait_healthy, wait_until, why_not_up
from outlast.stacks.compose.hostpid import HostPid
from outlast.stacks.compose.inside import Inside
from outlast.stacks.compose.namespaces import Namespaces
from outlast.stacks.compose.strike import strike
from outlast.stacks.owner import OWNER_LABEL, OWNER_VARIABLE, RUN_LABEL, RUN_VARIABLE, Owner
from outlast.stacks.powers import Limit, Ran
from outlast.stacks.stack import Address, Node, NodeState, Power, Status, StoreKind
from outlast.stacks.topology import Topology

UP_S = 90.0
OWN_UP_S = 900.0
"""A user's own images may have to be pulled and built first."""
HEALTHY_S = 60.0
NOTHING: Mapping[str, str] = MappingProxyType({})
OOM_TOLD_S = 3.0
"""The daemon hears of a death and of its cause by two ways."""
POWERS = frozenset(
    {
        Power.KILL,
        Power.CRASH,
        Power.STOP,
        Power.START,
        Power.PAUSE,
        Power.RECREATE,
        Power.EXECUTE,
        Power.QUERY,
        Power.LIMIT,
        Power.DEPLOY,
        Power.SCALE,
        Power.MOVE,
        Power.NETWORK,
        Power.CONNECT,
        Power.BANDWIDTH,
        Power.DELAY,
    }
)
OF_THE_KERNEL = {Power.NETWORK: "nft", Power.BANDWIDTH: "tbf", Power.DELAY: "netem"}
"""What the host's kernel must have for it."""


class ComposeStack:
    """The compose engine. `folder` is the run's own; only what carries the run's label is ever touched.

    `lab` is where the lab's image is made from; None for a user's own project, whose images are Compose's business.
    """

    engine = "compose"

    def __init__(
        self,
        topology: Topology,
        run_id: str,
        folder: Path,
        *,
        compose: Compose,
        lab: Path | None,
        tell: Callable[[str], None],
    ) -> None:
        self.run_id = run_id
        self._topology = topology
        self._override = folder / "stack" / "override.yaml"
        self._compose = compose
        self._lab = lab
        self._tell = tell
        self._labels = {RUN_LABEL: run_id, OWNER_LABEL: str(Owner.this_process())}
        self._client = connect()
        self._client.close()  # it has answered; a stack that is never started shall hold no connection open
        self._containers = self._found_by(f"{RUN_LABEL}={run_id}")
        self._host = HostPid(self._client)
        self._namespaces = Namespaces(self._client, self._labels, self._helper_image)
        self._inside = Inside(self._client, {RUN_VARIABLE: run_id, OWNER_VARIABLE: self._labels[OWNER_LABEL]})
        self._watch: Watch | None = None
        self._door: Address | None = None
        self._image = ""
        self._mariadb = ""
        self._buried: dict[str, str] = {}
        self._deployed: dict[str, Mapping[str, str]] = {}

    def start(self) -> None:
        if self._lab is not None:
            self._image = images.obtain(self._client, self._lab, os.environ, self._tell)
            if any(node.kind is StoreKind.MARIADB for node in self.nodes()):
                self._mariadb = images.obtain_mariadb(self._client, self._lab, os.environ, self._tell)
        self._door = Address("127.0.0.1", override.free_port(self.run_id))
        override.write(self._override, self._topology, self._labels, self._door.port)
        self._listen(f"{RUN_LABEL}={self.run_id}")
        with ThreadPoolExecutor(max_workers=1) as pool:
            helper = pool.submit(self._host.prepare, self._image, self._labels, f"outlast-{self.run_id}-helper")
            try:
                self._up(
                    "--wait", *(() if self._lab is not None else ("--build",)), *(node.service for node in self.nodes())
                )
            except StackError as error:
                raise StackError(why_not_up(str(error), self._topology, self._containers)) from error
            helper.result()

    def remove(self) -> None:
        self._let_go()
        try:
            residue.remove_run(self._client, self.run_id)
            left = residue.things(self._client, f"{RUN_LABEL}={self.run_id}")
        finally:
            self._close()
        if left:
            names = ", ".join(f"{thing.kind} {thing.name}" for thing in left)
            raise StackError(f"These are left of the run and could not be removed: {names}; try `outlast sweep`.")

    def nodes(self) -> tuple[Node, ...]:
        return tuple(service.node for service in self._topology.services)

    def state(self, node: Node) -> NodeState:
        sight = self._containers.look(node)
        return sight.state if sight else NodeState(status=Status.ABSENT)

    def door(self) -> Address:
        if self._door is None:
            raise StackError("The stack is not started, so it has no door yet.")
        return self._door

    def address(self, node: Node) -> Address | None:
        port, sight = self._topology.service(node.service).port, self._containers.look(node)
        return None if port is None or sight is None else sight.published.get(port)

    def unsupported(self, power: Power) -> str | None:
        if power is Power.CRASH:
            return self._host.unsupported
        if power in OF_THE_KERNEL:
            return self._lacking(power)
        return None if power in POWERS else f"The compose engine cannot {power} yet."

    def kill(self, node: Node) -> int:
        return self._strike(node, "die", lambda sight: self._client.api.kill(sight.container, "SIGKILL"))

    def crash(self, node: Node) -> int:
        return self._strike(node, "die", lambda sight: self._host.kill(sight.container, sight.state.pid or 0))

    def stop(self, node: Node, grace_s: float) -> int:
        seconds = math.ceil(grace_s)
        return self._strike(node, "die", lambda sight: self._client.api.stop(sight.container, timeout=seconds))

    def start_node(self, node: Node) -> None:
        sight = self._look(node)
        with refusals(f"start {node.name}"):
            self._client.api.start(sight.container)
        wait_healthy(self._containers, node, HEALTHY_S)

    def pause(self, node: Node) -> int:
        return self._strike(node, "pause", lambda sight: self._client.api.pause(sight.container))

    def resume(self, node: Node) -> None:
        sight = self._look(node)
        if sight.state.status is Status.PAUSED:
            with refusals(f"resume {node.name}"):
                self._client.api.unpause(sight.container)
        wait_healthy(self._containers, node, HEALTHY_S)

    def recreate(self, node: Node) -> int:
        return self.deploy(node, {})

    def deploy(self, node: Node, variables: Mapping[str, str]) -> int:
        self._deployed[node.name] = {**self._deployed.get(node.name, {}), **variables}
        with Burial(self._client, self._look(node).container) as burial:
            gone_ns = self._strike(node, "die", lambda _: self._up_anew(node))
        self._buried[node.name] = self._buried.get(node.name, "") + burial.text
        self._containers.find(node, anew=True)
        return gone_ns

    def move(self, node: Node) -> int:
        container = self._look(node).container
        with refusals(f"look at {node.name}"):
            seen = self._client.api.inspect_container(container)
        gone_ns = self.stop(node, self._topology.service(node.service).grace_s)
        self._buried[node.name] = self._buried.get(node.name, "") + self._containers.printed(container)
        with moving.occupied(self._client, seen):
            self._up_anew(node)
        self._containers.find(node, anew=True)
        return gone_ns

    def spares(self) -> tuple[Node, ...]:
        return tuple(service.node for service in self._topology.spares)

    def add(self, node: Node) -> int:
        if self._containers.find(node, anew=True) is not None:
            raise StackError(f"{node.name} is there already, so it cannot be added.")
        self._up("--no-deps", node.service, variables=self._deployed.get(node.name, NOTHING))
        wait_healthy(self._containers, node, HEALTHY_S)
        return time.monotonic_ns()

    def take_away(self, node: Node) -> int:
        container = self._look(node).container
        with Burial(self._client, container) as burial:
            gone_ns = self.stop(node, self._topology.service(node.service).grace_s)
        self._buried[node.name] = self._buried.get(node.name, "") + burial.text
        with refusals(f"remove {node.name}"):
            self._client.api.remove_container(container, v=True)
        return gone_ns

    def execute(
        self,
        node: Node,
        command: Sequence[str],
        *,
        user: str = "",
        environment: Mapping[str, str] | None = None,
        within_s: float = 10.0,
    ) -> Ran:
        sight = self._look(node)
        ran = None if environment else self._inside.run(sight, command, user, within_s)
        return ran or executing.execute(
            self._client, sight.container, command, user=user, environment=environment, within_s=within_s
        )

    def query(self, node: Node, *words: str, within_s: float = 10.0) -> str:
        command, user = querying.command(node, self._topology.service(node.service).port, words)
        return querying.answer(self.execute(node, command, user=user, within_s=within_s), node.name)

    def prepare_inside(self, node: Node) -> None:
        sight = self._containers.look(node)
        if sight is not None:
            self._inside.open(sight, querying.user_of(node))

    def sayings(self, *said: tuple[Node, Sequence[str]]) -> Mapping[str, str]:
        ports = {service.name: service.port for service in self._topology.services}
        return querying.sayings((node, ports[node.service], words) for node, words in said)

    def limits(self, node: Node) -> Limit:
        return limiting.read(self._client, self._look(node).container)

    def limit_facts(self, node: Node) -> Mapping[str, str]:
        return limiting.facts(self._client, self._look(node).container)

    def limit(self, node: Node, limit: Limit) -> None:
        limiting.limit(self._client, self._look(node).container, limit)

    def memory_used_bytes(self, node: Node) -> int:
        return limiting.memory_used_bytes(self._client, self._look(node).container)

    def throttled_ns(self, node: Node) -> int:
        return limiting.throttled_ns(self._client, self._look(node).container)

    def exhaust_memory(self, node: Node) -> int:
        gone_ns = self._strike(node, "die", lambda sight: limiting.exhaust(self._client, sight.container))
        wait_until(lambda: self.state(node).out_of_memory, f"{node.name} died, but not for want of memory.", OOM_TOLD_S)
        return gone_ns

    def in_network_of(self, node: Node, script: str, *, within_s: float = 10.0) -> Ran:
        return self._namespaces.run(self._look(node), script, within_s)

    def prepare_network(self, node: Node) -> None:
        self._namespaces.enter(self._look(node))

    def network_undo(self, script: str) -> Mapping[str, str]:
        return self._namespaces.facts(script)

    def addresses(self, node: Node) -> Mapping[str, str]:
        return self._look(node).addresses

    def port(self, node: Node) -> int | None:
        return self._topology.service(node.service).port

    def disconnect(self, node: Node) -> int:
        return connecting.disconnect(self._client, self._look(node).container)

    def connect(self, node: Node, facts: Mapping[str, str]) -> None:
        with refusals(f"connect {node.name} to its networks"):
            connecting.connect(self._client, self._look(node).container, facts)

    def connections(self, node: Node) -> Mapping[str, str]:
        with refusals(f"look at {node.name}"):
            return connecting.connections(self._client, self._look(node).container)

    def undo(self, node: Node, verb: str, facts: Mapping[str, str]) -> str:
        if verb == "network" and self._namespaces.undo(self._containers.look(node), facts):
            return f"{node.name}: {verb}"
        return undoing.undo(self._client, self._containers.find(node), node.name, verb, facts)

    def logs(self, node: Node) -> str:
        container = self._containers.find(node)
        return self._buried.get(node.name, "") + (self._containers.printed(container) if container else "")

    def environment(self) -> Mapping[str, str]:
        with refusals("tell its version"):
            version = self._client.version()
        ran = {node.name: sight.image for node in self.nodes() if (sight := self._containers.look(node))}
        return {
            "engine": self.engine,
            "docker": str(version.get("Version", "")),
            "docker_api": str(version.get("ApiVersion", "")),
            "compose": self._compose.version,
            "kernel": str(version.get("KernelVersion", "")),
            "machine": platform.machine(),
            **({"image": self._image} if self._image else {}),
            **{f"image.{name}": image for name, image in ran.items()},
            "config_sha256": hashlib.sha256(b"\0".join(file.read_bytes() for file in self._topology.files)).hexdigest(),
        }

    def _up_anew(self, node: Node) -> None:
        self._up("--force-recreate", "--no-deps", node.service, variables=self._deployed.get(node.name, NOTHING))

    def _up(self, *arguments: str, variables: Mapping[str, str] = NOTHING) -> None:
        files = [str(part) for file in (*self._topology.files, self._override) for part in ("-f", file)]
        project = ["-p", f"outlast-{self.run_id}", *files]
        of_the_lab = self._lab is not None
        self._compose.run(
            [*project, "up", "-d", *(["--no-build", "--pull", "never"] if of_the_lab else []), *arguments],
            environment={
                **({"OUTLAST_LAB_IMAGE": self._image} if of_the_lab else build_settings()),
                **({"OUTLAST_MARIADB_IMAGE": self._mariadb} if self._mariadb else {}),
                **self._marked_environment(),
                **variables,
            },
            timeout_s=UP_S if of_the_lab else OWN_UP_S,
        )

    def _marked_environment(self) -> dict[str, str]:
        """Marked, so that a guard or a sweep can end Compose should we die while it still creates containers."""
        return {
            "DOCKER_HOST": endpoint(),
            RUN_VARIABLE: self.run_id,
            OWNER_VARIABLE: self._labels[OWNER_LABEL],
        }

    def _found_by(self, label: str) -> Containers:
        return Containers(self._client, label)

    def _listen(self, label: str) -> None:
        self._watch = self._watch or Watch(label)

    def _let_go(self) -> None:
        """Of all shells that are held in the nodes and beside them."""
        self._namespaces.close()
        self._inside.close()

    def _close(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        self._client.close()

    def _strike(self, node: Node, action: str, act: Callable[[Sight], object]) -> int:
        if self._watch is None:
            raise StackError("The stack is not started, so nothing can be done to it.")
        return strike(self._containers, self._watch, node, action, act)

    def _helper_image(self) -> str:
        """The lab's image, made now if it has to be: a user's own stack needs it for the helpers alone."""
        if not self._image:
            with contextlib.closing(connect(timeout_s=600)) as client:
                self._image = images.obtain(client, self._lab or lab_files.folder(), os.environ, self._tell)
        return self._image

    def _lacking(self, power: Power) -> str | None:
        try:
            if OF_THE_KERNEL[power] not in kernel.lacks(self._helper_image()):
                return None
        except OutlastError as error:
            return f"{power} cannot be done here, as no helper container can be made: {error}"
        return f"{power} is unsupported by this host: its kernel has no {OF_THE_KERNEL[power]}"

    def _look(self, node: Node) -> Sight:
        sight = self._containers.look(node)
        if sight is None:
            raise StackError(f"{node.name} has no container; the stack is not started or somebody removed it.")
        return sight

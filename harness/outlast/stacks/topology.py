"""What a stack is made of, as its Compose files and their `x-outlast` extension describe it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from outlast.errors import FormatError, NodeNotFound
from outlast.stacks.stack import Node, Role, StoreKind
from outlast.stacks.yaml_tree import Tree, merged


@dataclass(frozen=True, slots=True)
class Health:
    """How to know that a process is ready: an HTTP path that answers 200, or, without one, a port that accepts."""

    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """How the local engine runs a service; placeholders in braces are still to be filled."""

    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()
    health: Health | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service: one node. `port` is where it listens inside; `process` None: only containers can run it.

    `waits_for` are the services that must be healthy before it starts; `restart` is Compose's word ("no",
    "always", "on-failure:3", "unless-stopped"); `keeps_data`: a volume outlives the node's recreation.
    """

    name: str
    role: Role
    kind: StoreKind | None = None
    port: int | None = None
    environment: tuple[tuple[str, str], ...] = ()
    waits_for: tuple[str, ...] = ()
    restart: str = "no"
    keeps_data: bool = False
    grace_s: float = 10.0
    process: Process | None = None

    @property
    def node(self) -> Node:
        """The node it runs as: one service, one node, one name."""
        return Node(name=self.name, role=self.role, service=self.name, kind=self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """A whole stack. `door` is the service that users knock at, `networks` and `volumes` are what it brings along.

    What is external, or has a name of its own, belongs to somebody else: it is never marked and never removed.
    """

    files: tuple[Path, ...]
    services: tuple[Service, ...]
    door: str
    door_port: int
    spares: tuple[Service, ...] = ()
    """Services in reserve (`role: spare`): they do not start with the stack, and are none of `services`."""
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()

    def service(self, name: str) -> Service:
        """The service of that name, in reserve or not; `NodeNotFound` when there is none."""
        known = (*self.services, *self.spares)
        for service in known:
            if service.name == name:
                return service
        raise NodeNotFound(name, (service.name for service in known))


def read(files: Sequence[Path], variables: Mapping[str, str]) -> Topology:
    """Merge Compose files from left to right; `variables` fill `${NAME}`. `FormatError` names the file and the place.

    Mappings merge deeply, scalars and commands are replaced, lists of volumes are appended.
    """
    return described(merged(files, variables), files)


def described(tree: Tree, files: Sequence[Path]) -> Topology:
    """What a merged tree describes; `files` are where it came from."""
    everyone = tuple(_service(name, child) for name, child in tree.child("services").children())
    services = tuple(service for service in everyone if service.role is not Role.SPARE)
    if not services:
        raise FormatError(tree.source, None, "it has no services.")
    _refuse_unknown_dependencies(tree.source, services)
    door = tree.child("x-outlast").child("door")
    topology = Topology(
        files=tuple(files),
        services=services,
        spares=tuple(service for service in everyone if service.role is Role.SPARE),
        door=door.text("service"),
        door_port=door.integer("port"),
        networks=_made_by_us(tree, "networks") or ("default",),
        volumes=_made_by_us(tree, "volumes"),
    )
    if topology.door not in {service.name for service in services}:
        raise FormatError(tree.source, None, f"x-outlast.door.service names {topology.door!r}, which is no service.")
    return topology


def _service(name: str, tree: Tree) -> Service:
    ours = tree.child("x-outlast")
    return Service(
        name=name,
        role=_role(ours),
        kind=_kind(ours),
        port=ours.integer("port") if "port" in ours else None,
        environment=tree.pairs("environment"),
        waits_for=_waits_for(tree),
        restart=tree.text("restart", "no"),
        keeps_data=bool(tree.items("volumes")),
        grace_s=tree.seconds("stop_grace_period", 10.0),
        process=_process(ours.child("process")) if "process" in ours and not ours.raw("containers_only") else None,
    )


def _made_by_us(tree: Tree, kind: str) -> tuple[str, ...]:
    project = tree.text("name", "")
    ours = []
    for key, body in tree.child(kind).children():
        own_name = body.text("name", f"{project}_{key}") != f"{project}_{key}"
        if not own_name and not body.raw("external"):
            ours.append(key)
    return tuple(ours)


def _role(ours: Tree) -> Role:
    word = ours.text("role", Role.OTHER)
    if word not in {role.value for role in Role}:
        raise FormatError(ours.source, None, f"{ours.where}.role is {word!r}; it must be one of {', '.join(Role)}.")
    return Role(word)


def _kind(ours: Tree) -> StoreKind | None:
    word = ours.text("kind", "")
    if word and word not in {kind.value for kind in StoreKind}:
        known = ", ".join(StoreKind)
        raise FormatError(ours.source, None, f"{ours.where}.kind is {word!r}; it must be one of {known}.")
    return StoreKind(word) if word else None


def _process(tree: Tree) -> Process:
    command = tuple(str(part) for part in tree.items("command"))
    if not command:
        raise FormatError(tree.source, None, f"{tree.where}.command must be a list that begins with a program.")
    health = None
    if "health" in tree:
        check = tree.child("health")
        if "http" not in check and "tcp" not in check:
            raise FormatError(tree.source, None, f"{check.where} must be {{http: PATH}} or {{tcp: true}}.")
        health = Health(check.text("http") if "http" in check else None)
    return Process(command=command, environment=tree.pairs("environment"), health=health)


def _waits_for(tree: Tree) -> tuple[str, ...]:
    if isinstance(tree.raw("depends_on"), list):
        return ()  # the short form orders the starts, it waits for nobody's health
    found = []
    for name, dependency in tree.child("depends_on").children():
        if dependency.text("condition", "service_started") == "service_healthy":
            found.append(name)
    return tuple(found)


def _refuse_unknown_dependencies(source: str, services: Sequence[Service]) -> None:
    known = {service.name for service in services}
    for service in services:
        for needed in service.waits_for:
            if needed not in known:
                raise FormatError(source, None, f"services.{service.name} depends on {needed!r}, which is no service.")

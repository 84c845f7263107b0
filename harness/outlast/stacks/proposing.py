"""What each service of somebody's Compose project is for, guessed from its image, its ports and what waits for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from outlast.stacks.stack import Role, StoreKind

BALANCERS: Final = ("haproxy", "nginx", "traefik", "envoy", "caddy", "httpd", "balancer", "proxy", "lb", "ingress")
STORES: Final[Mapping[str, StoreKind | None]] = {
    "redis": StoreKind.REDIS,
    "valkey": StoreKind.REDIS,
    "mariadb": StoreKind.MARIADB,
    "mysql": StoreKind.MARIADB,
    "postgres": None,
    "memcached": None,
    "mongo": None,
    "dynamodb": None,
    "etcd": None,
}
"""Words in an image's or a service's name -> how the store is spoken to; None: it can be killed and cut off, and what
acts inside it cannot be had."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """One service. why: the reason, in a phrase."""

    role: Role
    why: str
    kind: StoreKind | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """All services, and the one at which users knock; None where nothing tells."""

    services: dict[str, Proposed]
    door: str | None
    doubts: tuple[str, ...] = field(default=())
    """What the user should look at, each a sentence."""


def propose(config: Mapping[str, Any]) -> Proposal:
    """What Compose makes of the project's files (`config --format json`) -> what each service is for."""
    services = {str(name): body for name, body in dict(config.get("services") or {}).items() if isinstance(body, dict)}
    found = {name: _named(name, body) for name, body in services.items()}
    for name, body in services.items():
        if found[name] is None and _once(body, services):
            found[name] = Proposed(Role.OTHER, "it runs once, before the others")
    balancers = [name for name, one in found.items() if one is not None and one.role is Role.BALANCER]
    behind = {other for name in balancers for other in _waits_for(services[name])}
    for name, body in services.items():
        if found[name] is None:
            found[name] = _app(name, body, behind, published=bool(body.get("ports")))
    whole = {name: one for name, one in found.items() if one is not None}
    door = _door(whole, services)
    return Proposal(whole, door, tuple(_doubts(whole, services, door)))


def _named(name: str, body: Mapping[str, Any]) -> Proposed | None:
    image = str(body.get("image") or "").rpartition("/")[2].partition(":")[0].lower()
    command = body.get("command") or body.get("entrypoint") or ()
    program = str(command[0] if isinstance(command, list) and command else command).rpartition("/")[2].lower()
    for what, text in (("image", image), ("program", program), ("name", name.lower())):
        words = set(re.split(r"[^a-z]+", text))
        for word, kind in STORES.items():
            if any(one.startswith(word) for one in words):
                return Proposed(Role.STORE, f"its {what} is {text}", kind, _port(body))
        for word in BALANCERS:
            if word in words:
                return Proposed(Role.BALANCER, f"its {what} is {text}", None, _port(body))
    return None


def _app(name: str, body: Mapping[str, Any], behind: set[str], *, published: bool) -> Proposed:
    if name in behind:
        return Proposed(Role.REPLICA, "the balancer waits for it", None, _port(body))
    if published:
        return Proposed(Role.REPLICA, "it publishes a port", None, _port(body))
    return Proposed(Role.OTHER, "nothing tells what it is for")


def _once(body: Mapping[str, Any], services: Mapping[str, Mapping[str, Any]]) -> bool:
    """Others wait until it has ended."""
    for other in services.values():
        waits = other.get("depends_on")
        if isinstance(waits, dict):
            for name, how in waits.items():
                ended = isinstance(how, dict) and how.get("condition") == "service_completed_successfully"
                if ended and services.get(str(name)) is body:
                    return True
    return False


def _waits_for(body: Mapping[str, Any]) -> set[str]:
    waits = body.get("depends_on") or {}
    return {str(name) for name in waits}


def _port(body: Mapping[str, Any]) -> int | None:
    for port in body.get("ports") or ():
        target = port.get("target") if isinstance(port, dict) else None
        if isinstance(target, int):
            return target
    for port in body.get("expose") or ():
        if str(port).isdecimal():
            return int(port)
    return None


def _door(found: Mapping[str, Proposed], services: Mapping[str, Mapping[str, Any]]) -> str | None:
    """A balancer before a replica, one that publishes a port before one that does not."""
    for role in (Role.BALANCER, Role.REPLICA):
        candidates = [name for name, one in found.items() if one.role is role]
        published = [name for name in candidates if services[name].get("ports")]
        if len(published or candidates) == 1:
            return (published or candidates)[0]
    return None


def _doubts(found: Mapping[str, Proposed], services: Mapping[str, Mapping[str, Any]], door: str | None) -> list[str]:
    doubts = []
    replicas = [name for name, one in found.items() if one.role is Role.REPLICA]
    if door is None:
        doubts.append("Nothing tells at which service users knock: say --door SERVICE:PORT.")
    elif found[door].port is None:
        doubts.append(f"Nothing tells the port of {door}: say --door {door}:PORT.")
    if len(replicas) < 2:
        named = f"only {replicas[0]} is" if replicas else "no service is"
        doubts.append(f"Of the app {named} a replica: a fault of it takes all users down. Say --role SERVICE=replica.")
    for name in replicas:
        deploy = services[name].get("deploy") or {}
        if isinstance(deploy, dict) and int(deploy.get("replicas") or 1) > 1:
            doubts.append(f"{name} is scaled: one service is one node here, so give each replica a service of its own.")
    if not any(one.role is Role.STORE for one in found.values()):
        doubts.append("No service is a store: if sessions are kept in one, say --role SERVICE=store.")
    return doubts

"""What a service becomes on this machine: the command, environment and folders of its process."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from outlast.errors import FormatError, Unsupported
from outlast.stacks.local import programs
from outlast.stacks.stack import Address
from outlast.stacks.topology import Health, Service, Topology

KEEPS_ITS_MARKS = ("--set-proc-title", "no")
"""Valkey writes its title over its environment, and with it the marks by which guard and sweep find it."""
INHERITED = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """All it takes to start one node's process. `keeps_data`: {data} outlives the node's recreation."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    data: Path
    log: Path
    address: Address
    health: Health | None
    restart: str
    keeps_data: bool


def places(topology: Topology, addresses: Mapping[str, Address], lab: Path, folder: Path) -> tuple[Place, ...]:
    """One place per service; `Unsupported` names the services that only containers can run."""
    homeless = [service.name for service in topology.services if service.process is None]
    if homeless:
        raise Unsupported(
            f"The local engine cannot run {', '.join(homeless)}: x-outlast.process is absent; choose --engine compose."
        )
    known = programs.paths()
    return tuple(_place(service, known, addresses, lab, folder) for service in topology.services)


def _place(
    service: Service, known: Mapping[str, str], addresses: Mapping[str, Address], lab: Path, folder: Path
) -> Place:
    process = service.process
    if process is None:
        raise Unsupported(f"The local engine cannot run {service.name}.")
    data = folder / "stack" / "data" / service.name
    words = {**known, "lab": str(lab), "data": str(data), "name": service.name}
    for name, address in addresses.items():
        words.update({f"address:{name}": str(address), f"host:{name}": address.host, f"port:{name}": str(address.port)})
    environment = {name: value for name, value in os.environ.items() if name in INHERITED}
    environment.update(service.environment)
    environment.update((name, _filled(value, words, service.name)) for name, value in process.environment)
    return Place(
        name=service.name,
        command=(
            *(_filled(part, words, service.name) for part in process.command),
            *(KEEPS_ITS_MARKS if process.command[0] == "{valkey}" else ()),
        ),
        environment=environment,
        data=data,
        log=folder / "logs" / f"{service.name}.log",
        address=addresses[service.name],
        health=process.health,
        restart=service.restart,
        keeps_data=service.keeps_data,
    )


def _filled(text: str, words: Mapping[str, str], service: str) -> str:
    def one(match: re.Match[str]) -> str:
        if match[1] not in words:
            known = "{python} {haproxy} {valkey} {lab} {data} {name} {address:SERVICE} {host:SERVICE} {port:SERVICE}"
            raise FormatError(f"services.{service}.x-outlast.process", None, f"{match[0]} is not one of {known}.")
        return words[match[1]]

    return re.sub(r"\{([a-z]+(?::[\w.-]+)?)\}", one, text)

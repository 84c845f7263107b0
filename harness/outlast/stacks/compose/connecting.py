"""A container off all its networks, and back on them under the names and fixed addresses that it had."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import docker
import docker.errors

from outlast.errors import StackError
from outlast.stacks.compose.daemon import refusals


def connections(client: docker.DockerClient, container: str) -> dict[str, str]:
    """Each network's id -> aliases, links and fixed addresses as JSON; all that `connect` needs."""
    seen = client.api.inspect_container(container)
    found = {}
    for name, endpoint in seen["NetworkSettings"]["Networks"].items():
        if name in ("host", "none"):
            raise StackError(f"It is on Docker's network `{name}`, which nothing can be taken off.")
        fixed = endpoint.get("IPAMConfig") or {}
        found[str(endpoint["NetworkID"])] = {
            # The container's own id is an alias that Docker gives by itself, and refuses to be told.
            "aliases": [alias for alias in endpoint.get("Aliases") or [] if alias != seen["Id"][:12]],
            "links": endpoint.get("Links") or [],
            "ipv4": fixed.get("IPv4Address", ""),
            "ipv6": fixed.get("IPv6Address", ""),
        }
    return {"networks": json.dumps(found)}


def disconnect(client: docker.DockerClient, container: str) -> int:
    """Off all of them; returns when it was seen off, monotonic ns. Some 0.1 s for each network."""
    with refusals("take a container off its networks"):
        for network in _ids(client, container):
            client.api.disconnect_container_from_network(container, network)
        off_ns = time.monotonic_ns()
        left = _ids(client, container)
    if left:
        raise StackError(f"It is still on {len(left)} of its networks after Docker took it off.")
    return off_ns


def connect(client: docker.DockerClient, container: str, facts: Mapping[str, str]) -> None:
    """On those of `connections` that it is not on now; idempotent. One that is gone meanwhile is left out."""
    known: dict[str, dict[str, Any]] = json.loads(facts["networks"])
    there = _ids(client, container)
    for network, how in known.items():
        if network in there:
            continue
        try:
            client.api.connect_container_to_network(
                container,
                network,
                aliases=how["aliases"] or None,
                links=[tuple(link.split(":", 1)) for link in how["links"]] or None,
                ipv4_address=how["ipv4"] or None,
                ipv6_address=how["ipv6"] or None,
            )
        except docker.errors.NotFound:
            if network in [one["Id"] for one in client.api.networks()]:
                raise


def _ids(client: docker.DockerClient, container: str) -> set[str]:
    networks = client.api.inspect_container(container)["NetworkSettings"]["Networks"]
    return {str(endpoint["NetworkID"]) for endpoint in networks.values()}

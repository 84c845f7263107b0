"""The undo verb `toxic`: what was done through a Toxiproxy in a container is taken back through its published API."""

from __future__ import annotations

from collections.abc import Mapping

import docker

from outlast.stacks import toxiproxy
from outlast.stacks.stack import Address


def undo(client: docker.DockerClient, container: str, facts: Mapping[str, str]) -> None:
    """`port`: the API's inside; `proxy` and `toxic`: what is taken back. One that does not run has forgotten it all."""
    seen = client.api.inspect_container(container)
    published = seen["NetworkSettings"]["Ports"].get(f"{facts['port']}/tcp") or []
    if seen["State"]["Running"] and published:
        server = toxiproxy.Toxiproxy(Address("127.0.0.1", int(published[0]["HostPort"])))
        toxiproxy.undo(server, facts)

"""Keeping an address busy while its former owner is recreated, so that it must take another one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import docker
import docker.errors

from outlast.errors import StackError
from outlast.stacks.compose.daemon import refusals
from outlast.stacks.owner import OWNER_LABEL, RUN_LABEL

TRIES = 8


@contextlib.contextmanager
def occupied(client: docker.DockerClient, seen: Mapping[str, Any]) -> Iterator[None]:
    """While the body runs, others have the addresses that a container had when it was inspected, and has given up.

    Docker gives out the lowest address that is free, and no address by name in a network without a subnet of its own:
    so idle containers of the same image take addresses until the one in question is taken. `StackError` when it
    is not. They carry the run's marks, and are gone when the body ends.
    """
    made: list[str] = []
    try:
        for network, place in seen["NetworkSettings"]["Networks"].items():
            if not place.get("IPAddress"):
                raise StackError(f"The container has no address in {network} that could be kept from it.")
            with refusals(f"occupy an address of {network}"):
                _occupy(client, seen, network, str(place["IPAddress"]), made)
        yield
    finally:
        for container in made:
            with contextlib.suppress(docker.errors.APIError):  # the sweep finds what is left by its marks
                client.api.remove_container(container, force=True)


def _occupy(client: docker.DockerClient, seen: Mapping[str, Any], network: str, address: str, made: list[str]) -> None:
    api = client.api
    labels = {name: text for name, text in seen["Config"]["Labels"].items() if name in (RUN_LABEL, OWNER_LABEL)}
    for _ in range(TRIES):
        container = api.create_container(
            seen["Image"],
            entrypoint=["sleep", "infinity"],
            labels=labels,
            stop_signal="SIGKILL",
            host_config=api.create_host_config(network_mode=network),
        )
        made.append(str(container["Id"]))
        api.start(container["Id"])
        taken = api.inspect_container(container["Id"])["NetworkSettings"]["Networks"][network]["IPAddress"]
        if taken == address:
            return
    raise StackError(f"{address} could not be kept busy: Docker gave {TRIES} others.")

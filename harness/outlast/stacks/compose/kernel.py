"""What the kernel under the Docker daemon can do to a network, tried in a container that has none but its own."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from functools import lru_cache

import docker.errors

from outlast.stacks.compose import images
from outlast.stacks.compose.daemon import connect, refusals
from outlast.stacks.owner import OWNER_LABEL, Owner

PROBES: Mapping[str, str] = {
    "nft": "nft add table inet outlast_probe",
    "tbf": "tc qdisc add dev lo root tbf rate 1mbit burst 32kbit latency 1s && tc qdisc del dev lo root",
    "netem": "tc qdisc add dev lo root netem delay 1ms && tc qdisc del dev lo root",
}
"""What is asked for -> the command that tells."""


def lacks(image: str) -> Mapping[str, str]:
    """What of `PROBES` is missing -> the kernel's own words. 0.3 s, once an image; `StackError` if Docker refuses."""
    return _tried(image, str(Owner.this_process()))


def lab_image() -> str | None:
    """Some image of the lab that is here already, to try it in; None when none is."""
    with contextlib.closing(connect(timeout_s=10)) as client:
        return images.built(client)


@lru_cache(maxsize=8)
def _tried(image: str, owner: str) -> Mapping[str, str]:
    script = "\n".join(
        f'said=$( {{ {probe}; }} 2>&1) || echo "{name} $said" | head -1' for name, probe in PROBES.items()
    )
    with contextlib.closing(connect()) as client, refusals("try what its kernel can do"):
        api = client.api
        made = api.create_container(
            image,
            entrypoint=["sh"],
            command=["-c", script],
            user="0",
            labels={"outlast.probe": "kernel", OWNER_LABEL: owner},
            host_config=api.create_host_config(
                network_mode="none", read_only=True, cap_drop=["ALL"], cap_add=["NET_ADMIN"]
            ),
        )
        try:
            api.start(made["Id"])
            api.wait(made["Id"], timeout=20)
            printed = api.logs(made["Id"]).decode(errors="replace")
        finally:
            with contextlib.suppress(docker.errors.APIError):
                api.remove_container(made["Id"], force=True)
    return {name: why.strip() for name, _, why in (line.partition(" ") for line in printed.splitlines() if line)}

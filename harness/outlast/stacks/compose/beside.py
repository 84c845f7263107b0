"""A short-lived container of the same image and with the same volumes, for a node that does not run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import docker

from outlast.errors import StackError
from outlast.stacks.owner import OWNER_LABEL, RUN_LABEL

ENDS_S = 20


def run(client: docker.DockerClient, seen: Mapping[str, Any], command: Sequence[str]) -> None:
    """Run a command beside the container that was inspected, as its user; `StackError` when it fails. About 1 s.

    It carries the run's marks, so that a sweep finds it should we die meanwhile.
    """
    api, config = client.api, seen["Config"]
    made = api.create_container(
        seen["Image"],
        entrypoint=list(command),
        user=config.get("User") or None,
        labels={name: text for name, text in config["Labels"].items() if name in (RUN_LABEL, OWNER_LABEL)},
        network_disabled=True,
        host_config=api.create_host_config(volumes_from=[seen["Id"]]),
    )
    try:
        api.start(made["Id"])
        code = int(api.wait(made["Id"], timeout=ENDS_S)["StatusCode"])
        said = api.logs(made["Id"]).decode(errors="replace").strip()
    finally:
        api.remove_container(made["Id"], force=True)
    if code != 0:
        raise StackError(f"`{' '.join(command)}` beside the stopped node ended with code {code}: {said[-300:]}")

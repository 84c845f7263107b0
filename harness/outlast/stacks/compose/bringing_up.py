"""Finishes a recreation whose owner died in the middle of it: Compose makes what it had not yet made."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import docker

from outlast.stacks.compose.command import find
from outlast.stacks.compose.daemon import endpoint, refusals
from outlast.stacks.compose.marks import PROJECT_LABEL, SERVICE_LABEL

UP_S = 120.0


def facts_of(
    project: str, files: Sequence[Path], service: str, name: str, environment: Mapping[str, str]
) -> dict[str, str]:
    """What `bring_up` needs, as plain strings for the undo log.

    `name` is its container's, `environment` fills the variables of the files.
    """
    return {
        "name": name,
        "project": project,
        "files": json.dumps([str(file) for file in files]),
        "service": service,
        "environment": json.dumps(dict(environment)),
    }


def bring_up(client: docker.DockerClient, facts: Mapping[str, str]) -> None:
    """Bring one service of a project up as its files describe it, under its old name. `StackError` if it fails.

    Compose finishes what it began, but leaves the name under which it had put a container aside. Nothing happens where
    the service is up already.
    """
    files = [part for file in json.loads(facts["files"]) for part in ("-f", file)]
    words = ["-p", facts["project"], *files, "up", "-d", "--no-deps", "--no-build", facts["service"]]
    find().run(words, environment={**json.loads(facts["environment"]), "DOCKER_HOST": endpoint()}, timeout_s=UP_S)
    chosen = [f"{PROJECT_LABEL}={facts['project']}", f"{SERVICE_LABEL}={facts['service']}"]
    with refusals(f"give {facts['service']} its name back"):
        (container,) = client.api.containers(all=True, filters={"label": chosen})
        if f"/{facts['name']}" not in container["Names"]:
            client.api.rename(container["Id"], facts["name"])

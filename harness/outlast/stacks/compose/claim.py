"""One harness at a time on a project that runs already: a container that is never started says who has it."""

from __future__ import annotations

import time
from collections.abc import Mapping

import docker
import docker.errors

from outlast.errors import StackError
from outlast.stacks.compose.daemon import refusals
from outlast.stacks.owner import OWNER_LABEL, RUN_LABEL, Life, Owner

DYING_S = 10.0
"""How long the guard of a dead harness may take to undo what it left."""
LOOK_S = 0.1


def claim(client: docker.DockerClient, project: str, image: str, labels: Mapping[str, str]) -> None:
    """Take the project, or raise `StackError` that says who has it. Its name is the lock: the daemon gives it once.

    It carries the run's label, so that removing the run releases it. Where the one who has it is dead, its guard is
    about to release it: waits for that, at most 10 s.
    """
    deadline = time.monotonic() + DYING_S
    while True:
        with refusals(f"claim the project {project}"):
            try:
                client.api.create_container(image, ["true"], name=_name(project), labels=dict(labels))
            except docker.errors.APIError as error:
                if error.status_code != 409:
                    raise
            else:
                return
        holder, life = _holder(client, project)
        if life is not None and (life is not Life.DEAD or time.monotonic() > deadline):
            advice = "run `outlast sweep` first" if life is Life.DEAD else "wait for it or end it"
            what = "a dead run" if life is Life.DEAD else "another run"
            raise StackError(f"The project {project} is being harmed by {what} ({holder}): {advice}.")
        time.sleep(LOOK_S)


def _holder(client: docker.DockerClient, project: str) -> tuple[str, Life | None]:
    """The run that has it, and whether its owner lives; no life when it has just been released."""
    with refusals(f"see who has the project {project}"):
        try:
            labels = client.api.inspect_container(_name(project))["Config"]["Labels"] or {}
        except docker.errors.NotFound:
            return "", None
    owner = Owner.parse(labels.get(OWNER_LABEL, ""))
    return labels.get(RUN_LABEL, "unknown"), owner.life() if owner else Life.UNKNOWN


def _name(project: str) -> str:
    return f"outlast-has-{project}"

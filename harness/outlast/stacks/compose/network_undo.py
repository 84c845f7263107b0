"""The undo verb `network`: what was done to a container's network is taken back by the record's own script."""

from __future__ import annotations

from collections.abc import Mapping

import docker

from outlast.errors import StackError
from outlast.stacks.compose import netshell
from outlast.stacks.owner import OWNER_LABEL, RUN_LABEL, Owner
from outlast.stacks.powers import Ran


def undo(client: docker.DockerClient, container: str, facts: Mapping[str, str]) -> None:
    """Run the record's `script` in the container's network, in a helper from `image` that is marked with `run`."""
    # A network that went with its container took all that was done to it along.
    if client.api.inspect_container(container)["State"]["Running"]:
        labels = {RUN_LABEL: facts["run"], OWNER_LABEL: str(Owner.this_process())}
        refuse(netshell.once(client, container, facts["image"], labels, facts["script"]))


def refuse(ran: Ran) -> None:
    """`StackError` for a script that failed."""
    if ran.code != 0:
        raise StackError(f"The node's network could not be put right: {ran.output.strip()[-300:]}")

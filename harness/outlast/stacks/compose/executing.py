"""Commands inside a container, as `docker exec` runs them, with a limit of time."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

import docker

from outlast.errors import StackError
from outlast.stacks.compose.daemon import refusals
from outlast.stacks.powers import Ran


def execute(
    client: docker.DockerClient,
    container: str,
    command: Sequence[str],
    *,
    user: str = "",
    environment: Mapping[str, str] | None = None,
    within_s: float = 10.0,
) -> Ran:
    """Run it to its end; some 50 ms. `StackError` when it does not end in time or cannot be started.

    What does not end in time goes on inside the container: Docker has no way to end it but with the container.
    """
    told = " ".join(command[:3])
    with refusals(f"run `{told}` in a container"):
        made = client.api.exec_create(container, list(command), user=user, environment=dict(environment or {}))
        printed: list[bytes] = []
        reader = threading.Thread(
            target=lambda: printed.append(client.api.exec_start(made["Id"])), name="outlast-exec", daemon=True
        )
        reader.start()
        reader.join(within_s)
        if reader.is_alive():
            raise StackError(f"`{told}` did not end within {within_s:g} s.")
        code = client.api.exec_inspect(made["Id"])["ExitCode"]
    output = b"".join(printed).decode(errors="replace")
    if code is None:
        raise StackError(f"`{told}` could not be run: {output.strip()[-300:] or 'Docker gave no reason'}")
    return Ran(int(code), output)

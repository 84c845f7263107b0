"""What a container may use: its control group, set and read through the daemon."""

from __future__ import annotations

from collections.abc import Mapping

import docker
import docker.errors

from outlast.errors import StackError
from outlast.stacks.compose import executing
from outlast.stacks.compose.daemon import refusals
from outlast.stacks.powers import Limit

PERIOD_US = 100_000
NO_LIMIT_BYTES = 2**63 - 4096
"""What the kernel itself calls no limit of memory. Docker takes 0 for "as it is" and refuses -1."""
ROOM_BYTES = 4 * 1024 * 1024
"""How much above what is used the limit is set: enough for the limit to be accepted while the node goes on working."""
HOG_BYTES = 64 * 1024 * 1024
"""How much is then taken inside. It is bounded, so that a limit which does not hold cannot cost the machine."""
FIELDS = {
    "memory": "Memory",
    "memory_swap": "MemorySwap",
    "cpu_quota": "CpuQuota",
    "cpu_period": "CpuPeriod",
    "nano_cpus": "NanoCpus",
}

# The main process becomes the kernel's first choice: to raise one's own score needs no privilege.
HOG = 'echo 1000 > /proc/1/oom_score_adj && exec dd if=/dev/zero of=/dev/null bs="$1" count=1'


def facts(client: docker.DockerClient, container: str) -> dict[str, str]:
    """The limits that are set now, as plain strings for the undo log."""
    with refusals("read a container's limits"):
        settings = client.api.inspect_container(container)["HostConfig"]
    return {name: str(settings.get(field) or 0) for name, field in FIELDS.items()}


def read(client: docker.DockerClient, container: str) -> Limit:
    """The same as a `Limit`."""
    now = {name: int(text) for name, text in facts(client, container).items()}
    quota = now["nano_cpus"] / 1e9 or max(0, now["cpu_quota"]) / (now["cpu_period"] or PERIOD_US)
    memory = now["memory"] if 0 < now["memory"] < NO_LIMIT_BYTES else None
    return Limit(cpus=quota or None, memory_bytes=memory)


def limit(client: docker.DockerClient, container: str, wanted: Limit) -> None:
    """Set it, all of it: what is None becomes without limit. Memory is without swap, or it would only grow slow."""
    now = facts(client, container)
    changes: dict[str, int] = {}
    if wanted.memory_bytes is not None and wanted.memory_bytes != int(now["memory"]):
        changes |= {"Memory": wanted.memory_bytes, "MemorySwap": wanted.memory_bytes}
    elif wanted.memory_bytes is None and int(now["memory"]):
        changes |= {"Memory": NO_LIMIT_BYTES, "MemorySwap": NO_LIMIT_BYTES}
    if int(now["nano_cpus"]):  # Docker refuses a quota where a number of cores was set
        if wanted.cpus is None:
            raise StackError("Docker cannot take away a limit of cores that the container was created with.")
        changes |= {"NanoCpus": int(wanted.cpus * 1e9)}
    elif wanted.cpus is not None:
        period = int(now["cpu_period"]) or PERIOD_US
        changes |= {"CpuQuota": max(1000, int(wanted.cpus * period)), "CpuPeriod": period}
    elif int(now["cpu_quota"]):
        changes |= {"CpuQuota": -1}
    _update(client, container, changes)


def restore(client: docker.DockerClient, container: str, before: Mapping[str, str]) -> None:
    """Back to the limits that `facts` told; nothing is asked of the daemon where they are what they were."""
    now = facts(client, container)
    was = {name: int(before.get(name, "0")) for name in FIELDS}
    changes: dict[str, int] = {}
    if was["memory"] != int(now["memory"]) or was["memory_swap"] != int(now["memory_swap"]):
        # A running container is not told of -1: its swap would stay as it is, and memory may not be above it.
        swap = was["memory_swap"] if was["memory_swap"] > 0 else NO_LIMIT_BYTES
        changes |= {"Memory": was["memory"] or NO_LIMIT_BYTES, "MemorySwap": swap}
    if was["nano_cpus"] and was["nano_cpus"] != int(now["nano_cpus"]):
        changes |= {"NanoCpus": was["nano_cpus"]}
    if was["cpu_quota"] != int(now["cpu_quota"]):
        changes |= {"CpuQuota": was["cpu_quota"] or -1, "CpuPeriod": was["cpu_period"] or PERIOD_US}
    _update(client, container, changes)


def memory_used_bytes(client: docker.DockerClient, container: str) -> int:
    """What it uses and could not give up: its use without the pages of files. Some 10 ms, from its control group."""
    with refusals("read what a container uses"):
        memory = client.api.stats(container, stream=False, one_shot=True)["memory_stats"]
    kept = memory.get("stats", {})
    pages = kept.get("total_inactive_file", kept.get("inactive_file", 0))
    pages += kept.get("total_active_file", kept.get("active_file", 0))
    return max(0, int(memory.get("usage", 0)) - int(pages))


def throttled_ns(client: docker.DockerClient, container: str) -> int:
    """How long the kernel has held its processes back for want of quota, by the control group's own counter."""
    with refusals("read how long a container was held back"):
        cpu = client.api.stats(container, stream=False, one_shot=True)["cpu_stats"]
    return int(cpu.get("throttling_data", {}).get("throttled_time", 0))


def exhaust(client: docker.DockerClient, container: str) -> None:
    """Limit it to just above what it uses, and take more inside, so that the kernel kills its main process.

    Returns when the taking has ended, one way or the other. `StackError` when it took it all and nobody was killed, or
    the container has no `sh` and `dd`, or the kernel refused the limit.
    """
    ceiling = memory_used_bytes(client, container) + ROOM_BYTES
    cpus = read(client, container).cpus
    limit(client, container, Limit(cpus=cpus, memory_bytes=max(ceiling, 6 * 1024 * 1024)))
    try:
        ran = executing.execute(client, container, ["sh", "-c", HOG, "sh", str(HOG_BYTES)], within_s=20.0)
    except StackError:
        if client.api.inspect_container(container)["State"]["Running"]:
            raise
        return  # it died with the rest, and Docker has no exit code for it
    if ran.code == 0:
        raise StackError(f"{HOG_BYTES >> 20} MB were taken within a limit of {ceiling >> 20} MB and nobody was killed.")
    if ran.code != 137:
        raise StackError(f"Memory could not be taken inside (code {ran.code}): {ran.output.strip()[-200:]}")


def _update(client: docker.DockerClient, container: str, changes: Mapping[str, int]) -> None:
    if not changes:
        return
    api = client.api
    with refusals("change a container's limits"):
        # The SDK's own update_container knows no NanoCpus.
        answer = api.post(f"{api.base_url}/v{api.api_version}/containers/{container}/update", json=dict(changes))
        if not answer.ok:
            raise docker.errors.APIError(answer.text, response=answer, explanation=answer.json().get("message"))

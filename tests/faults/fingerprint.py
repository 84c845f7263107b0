"""All that can be seen from outside of a Compose project and of what is ours beside it, with the system's own tools."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

CLOCKS = {"StartedAt", "FinishedAt", "Health", "Pid", "SandboxID", "SandboxKey", "EndpointID", "MacAddress", "HostPort"}
"""What a container that was killed and started again cannot keep: times, its process, its sandbox."""
MADE_ANEW = {
    "Id", "Created", "Hostname", "GraphDriver", "LogPath", "Aliases", "DNSNames", "com.docker.compose.replace",
}  # fmt: skip
"""What a recreated container cannot share with the one before it; whether it is the same is for another test."""
CHANGING = {"ExitCode", "OOMKilled", "RestartCount", "ResolvConfPath", "HostnamePath", "HostsPath", "ExecIDs", "Links"}
"""What tells of its past life, not of what is in force now."""


def docker(*words: str) -> str:
    """What the docker command prints."""
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout.strip()


def containers(project: str) -> list[str]:
    """The ids of a project's containers, sorted by their service."""
    chosen = ["--filter", f"label=com.docker.compose.project={project}"]
    rows = docker("ps", "-a", "--no-trunc", *chosen, "--format", '{{.Label "com.docker.compose.service"}} {{.ID}}')
    return [row.split()[1] for row in sorted(rows.splitlines())]


def fingerprint(project: str) -> dict[str, Any]:
    """Everything of the project that a fault could leave changed: two of them are equal when nothing was left.

    Needs root for the look into the network namespaces. Some 0.3 s for six containers.
    """
    chosen = ["--filter", f"label=com.docker.compose.project={project}"]
    found: dict[str, Any] = {
        "networks": sorted(docker("network", "ls", "--format", "{{.Name}}", *chosen).splitlines()),
        "volumes": sorted(docker("volume", "ls", "-q", *chosen).splitlines()),
    }
    for seen in json.loads(docker("inspect", *containers(project))):
        name = seen["Config"]["Labels"]["com.docker.compose.service"]
        found[name] = _lasting(seen)
        pid = seen["State"]["Pid"]
        found[f"{name} rules"] = _in_network(pid, "nft", "list", "ruleset")
        found[f"{name} queues"] = _in_network(pid, "tc", "qdisc", "show")
        if name == "store":
            found[f"{name} settings"] = _settings(seen["Id"])
    return found


def ours(run_id: str) -> list[str]:
    """What carries a run's mark: containers, networks and volumes by label, processes by environment."""
    label = f"label=outlast.run={run_id}"
    found = [f"container {one}" for one in docker("ps", "-aq", "--filter", label).split()]
    found += [f"network {one}" for one in docker("network", "ls", "-q", "--filter", label).split()]
    found += [f"volume {one}" for one in docker("volume", "ls", "-q", "--filter", label).split()]
    mark = f"OUTLAST_RUN={run_id}".encode()
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdecimal() and mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append(f"process {entry.name}")
    return found


def differences(before: dict[str, Any], after: dict[str, Any], where: str = "") -> list[str]:
    """Where two fingerprints differ, one line each."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = sorted(set(before) | set(after))
        return [
            line
            for key in keys
            for line in differences(before.get(key), after.get(key), f"{where}{'.' if where else ''}{key}")
        ]
    return [] if before == after else [f"{where}: {before!r:.80} became {after!r:.80}"]


def _settings(store: str) -> str:
    """Of a Redis: what faults set, and whether keys of theirs are in it."""
    wanted = ["maxmemory", "maxmemory-policy", "min-replicas-to-write"]
    ask = ["docker", "exec", store, "redis-cli"]
    done = [subprocess.run([*ask, "config", "get", name], capture_output=True, text=True) for name in wanted]
    done.append(subprocess.run([*ask, "dbsize"], capture_output=True, text=True))
    return " ".join(one.stdout if one.returncode == 0 else "does not answer" for one in done)


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _unlimited(key, _lasting(inner))
            for key, inner in value.items()
            if key not in CLOCKS | CHANGING | MADE_ANEW
        }
    if isinstance(value, list):
        # Compose gives variables and mounts in another order each time.
        return sorted((_lasting(inner) for inner in value), key=str)
    return value


def _unlimited(key: str, value: Any) -> Any:
    """A limit that is none, in the one word for it: Docker takes no limit back to 0, and the kernel calls it so."""
    none = {"CpuQuota": value in (0, -1), "CpuPeriod": value in (0, 100_000)}
    if key in ("Memory", "MemorySwap"):
        none[key] = value in (0, -1) or value >= 2**62
    return "no limit" if none.get(key) else value


def _in_network(pid: int, *command: str) -> str:
    if not pid:
        return "no process"
    done = subprocess.run(["nsenter", "-t", str(pid), "-n", *command], capture_output=True, text=True, check=False)
    # Docker's own name server listens on other ports after each start, rules count what passes, and who was off a
    # network gets an interface of another name.
    return re.sub(r"packets \d+ bytes \d+|127\.0\.0\.11:\d+|[sd]port \d{4,}|\beth\d+", "*", done.stdout)

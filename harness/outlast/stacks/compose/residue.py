"""What a run left in Docker, found and removed by its label alone, from any process."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import docker
import docker.errors

from outlast.stacks.compose import undoing
from outlast.stacks.compose.daemon import connect, on_this_machine, refusals
from outlast.stacks.compose.undoing import SERVICE_LABEL
from outlast.stacks.owner import OWNER_LABEL, RUN_LABEL, Life, Owner


@dataclass(frozen=True, slots=True)
class Thing:
    """A container, network or volume with a run's label."""

    kind: str
    key: str
    name: str
    run_id: str
    owner: str


def remove_run(client: docker.DockerClient, run_id: str, within_s: float = 8.0) -> list[str]:
    """Remove all that carries the run's label, volumes too; returns what, as `container outlast-x-app-1-1`.

    Looks again until a look finds nothing: a request that was under way when the owner died may still bear fruit.
    About 1 s for a stack of five.
    """
    deadline = time.monotonic() + within_s
    removed: dict[str, None] = {}
    empty_looks = 0
    while empty_looks < 2 and time.monotonic() < deadline:
        found = things(client, f"{RUN_LABEL}={run_id}")
        empty_looks = 0 if found else empty_looks + 1
        for kind in ("container", "network", "volume"):
            some = [thing for thing in found if thing.kind == kind]
            removed.update((f"{thing.kind} {thing.name}", None) for thing in some)
            _each(lambda thing: _remove(client, thing), some)
        if empty_looks == 1:
            time.sleep(0.05)
    return list(removed)


def things(client: docker.DockerClient, label: str = RUN_LABEL) -> list[Thing]:
    """Everything with that label, containers first. Three requests."""
    chosen = {"label": label}
    with refusals("list what carries the label outlast.run"):
        containers = client.api.containers(all=True, filters=chosen)
        networks = client.api.networks(filters=chosen)
        volumes = client.api.volumes(filters=chosen).get("Volumes") or []
    return [
        *(_thing("container", one["Id"], str(one["Names"][0]).lstrip("/"), one["Labels"]) for one in containers),
        *(_thing("network", one["Id"], one["Name"], one["Labels"]) for one in networks),
        *(_thing("volume", one["Name"], one["Name"], one["Labels"]) for one in volumes),
    ]


def orphans(client: docker.DockerClient) -> tuple[str, ...]:
    """The ids of runs whose owner is surely dead. Of an owner that cannot be judged from here nothing is said."""
    owners: dict[str, str] = {}
    for thing in things(client):
        owners.setdefault(thing.run_id, thing.owner)
    return tuple(run_id for run_id, owner in owners.items() if run_id and _dead(owner))


def undo(client: docker.DockerClient, run_id: str, node: str, verb: str, facts: Mapping[str, str]) -> str:
    """Take one harm back by its record, on the container of its id, else of its run and service (undoing.py)."""
    container = facts.get("identity") or _container_of(client, run_id, node)
    return undoing.undo(client, container, node, verb, facts)


def sweep() -> list[str]:
    """Remove everything of runs whose owner is dead; nothing where Docker does not answer."""
    with contextlib.closing(connect()) as client:
        return [removed for run_id in orphans(client) for removed in remove_run(client, run_id)]


def _remove(client: docker.DockerClient, thing: Thing) -> None:
    act: dict[str, Callable[[], object]] = {
        "container": lambda: client.api.remove_container(thing.key, force=True, v=True),
        "network": lambda: client.api.remove_network(thing.key),
        "volume": lambda: client.api.remove_volume(thing.key, force=True),
    }
    # Somebody else (guard, sweep, Compose itself) may be at it too: the next look tells whether it went away.
    with contextlib.suppress(docker.errors.APIError):
        act[thing.kind]()


def _each(act: Callable[[Thing], None], some: list[Thing]) -> None:
    if some:
        with ThreadPoolExecutor(max_workers=len(some)) as pool:
            list(pool.map(act, some))


def _thing(kind: str, key: str, name: str, labels: Mapping[str, str]) -> Thing:
    return Thing(kind=kind, key=key, name=name, run_id=labels.get(RUN_LABEL, ""), owner=labels.get(OWNER_LABEL, ""))


def _container_of(client: docker.DockerClient, run_id: str, node: str) -> str | None:
    chosen = {"label": [f"{RUN_LABEL}={run_id}", f"{SERVICE_LABEL}={node}"]}
    with refusals(f"find {node}"):
        found = client.api.containers(all=True, filters=chosen)
    return str(found[0]["Id"]) if found else None


def _dead(text: str) -> bool:
    owner = Owner.parse(text)
    if owner is None:
        return False
    here = Owner.this_process()
    # Another boot id means an earlier boot of this machine only if the daemon is this machine's own.
    return owner.life() is Life.DEAD and (owner.boot == here.boot or on_this_machine())

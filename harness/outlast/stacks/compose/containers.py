"""The containers of one run, found by label and looked at from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import docker
import docker.errors

from outlast.stacks.compose.daemon import refusals
from outlast.stacks.compose.marks import SERVICE_LABEL
from outlast.stacks.stack import Address, Node, NodeState, Status

STATUSES = {
    "created": Status.EXITED,
    "running": Status.RUNNING,
    "paused": Status.PAUSED,
    "restarting": Status.RESTARTING,
    "removing": Status.EXITED,
    "exited": Status.EXITED,
    "dead": Status.EXITED,
}


@dataclass(frozen=True, slots=True)
class Sight:
    """One inspection of a container; `published` maps its own ports to where they can be reached.

    `addresses`: network -> its address there, an IPv6 address under the name and ` (IPv6)`.
    """

    container: str
    name: str
    image: str
    image_id: str
    state: NodeState
    finished: str
    published: Mapping[int, Address]
    addresses: Mapping[str, str]


class Containers:
    """Finds the container of a node once and remembers it, so that striking costs one request."""

    def __init__(self, client: docker.DockerClient, label: str) -> None:
        self._client = client
        self._label = label
        self._known: dict[str, str] = {}

    def find(self, node: Node, *, anew: bool = False) -> str | None:
        """The id of the node's container; None when there is none. `anew` after a recreation."""
        if anew or node.name not in self._known:
            self._known.pop(node.name, None)
            with refusals(f"find {node.name}"):
                chosen = {"label": [self._label, f"{SERVICE_LABEL}={node.service}"]}
                found = self._client.api.containers(all=True, filters=chosen)
            if found:
                self._known[node.name] = str(found[0]["Id"])
        return self._known.get(node.name)

    def look(self, node: Node) -> Sight | None:
        """One look; None when it does not exist. A few milliseconds."""
        for anew in (False, True):
            container = self.find(node, anew=anew)
            if container is None:
                return None
            with refusals(f"look at {node.name}"):
                try:
                    return _sight(self._client.api.inspect_container(container))
                except docker.errors.NotFound:
                    continue
        return None

    def printed(self, container: str, lines: int | None = None) -> str:
        """What a container printed, all starts, both streams; empty when it is gone.

        The whole of it comes with the daemon's time before each line, the last `lines` as they were printed.
        """
        with refusals("read its log"):
            try:
                raw = self._client.api.logs(
                    container, stdout=True, stderr=True, tail=lines or "all", timestamps=lines is None
                )
            except docker.errors.NotFound:
                return ""
        return bytes(raw).decode(errors="replace")


def _sight(seen: Mapping[str, object]) -> Sight:
    state, network = _part(seen, "State"), _part(seen, "NetworkSettings")
    health = _part(state, "Health").get("Status")
    status = STATUSES.get(str(state.get("Status")), Status.EXITED)
    pid = int(str(state.get("Pid") or 0))
    return Sight(
        container=str(seen["Id"]),
        name=str(seen.get("Name", "")).lstrip("/"),
        image=f"{_part(seen, 'Config').get('Image')} ({seen.get('Image')})",
        image_id=str(seen.get("Image", "")),
        state=NodeState(
            status=status,
            identity=str(seen["Id"]),
            started=str(state.get("StartedAt", "")),
            pid=pid or None,
            exit_code=None if status is Status.RUNNING else int(str(state.get("ExitCode", 0))),
            out_of_memory=bool(state.get("OOMKilled")),
            healthy=None if health is None else health == "healthy",
            address=_address(network),
        ),
        finished=str(state.get("FinishedAt", "")),
        published=dict(_published(network)),
        addresses=dict(_addresses(network)),
    )


def _address(network: Mapping[str, object]) -> str | None:
    for name in _part(network, "Networks"):
        if address := _part(_part(network, "Networks"), name).get("IPAddress"):
            return str(address)
    return None


def _addresses(network: Mapping[str, object]) -> list[tuple[str, str]]:
    found = []
    for name in _part(network, "Networks"):
        endpoint = _part(_part(network, "Networks"), name)
        for key, known_as in (("IPAddress", name), ("GlobalIPv6Address", f"{name} (IPv6)")):
            if endpoint.get(key):
                found.append((known_as, str(endpoint[key])))
    return found


def _published(network: Mapping[str, object]) -> list[tuple[int, Address]]:
    found = []
    for port, places in _part(network, "Ports").items():
        if isinstance(places, list) and places:
            # Ours is on 127.0.0.1; a user's own project may publish the same port elsewhere too.
            place = next((one for one in places if one.get("HostIp") == "127.0.0.1"), places[0])
            found.append((int(port.split("/")[0]), Address("127.0.0.1", int(place["HostPort"]))))
    return found


def _part(mapping: Mapping[str, object], key: str) -> Mapping[str, object]:
    part = mapping.get(key)
    return part if isinstance(part, dict) else {}

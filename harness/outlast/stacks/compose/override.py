"""The generated Compose file: a mark on all that a run makes, and a door whose port outlives a restart.

It is written as JSON, which every YAML reader takes alike: a run's id such as 00762800 is text in one version of YAML
and a number in another, and what is marked with that number is not found by its mark.
"""

from __future__ import annotations

import json
import random
import socket
from pathlib import Path

from outlast.errors import StackError
from outlast.stacks.topology import Topology

# Below the ports that systems hand out for outgoing connections: the load's own could take it while the door is down.
PORTS = range(20000, 30000)
TRIES = 50


def write(path: Path, topology: Topology, labels: dict[str, str], door_port: int) -> Path:
    """Write it and return its path; the file belongs to the run's folder.

    The door is published on `door_port` besides what its own file says: Docker gives a port of its own choice anew at
    each start, and users would knock where nobody is.
    """
    services: dict[str, dict[str, object]] = {
        service.name: {"labels": labels} for service in (*topology.services, *topology.spares)
    }
    services[topology.door]["ports"] = [f"127.0.0.1:{door_port}:{topology.door_port}"]
    document = {
        "services": services,
        "networks": {name: {"labels": labels} for name in topology.networks},
        "volumes": {name: {"labels": labels} for name in topology.volumes},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    return path


def free_port(run_id: str) -> int:
    """A port of 127.0.0.1 that is free now; runs look in different places. `StackError` when none is found."""
    dice = random.Random(run_id)
    for _ in range(TRIES):
        port = dice.choice(PORTS)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise StackError(f"No free port was found from {PORTS.start} to {PORTS.stop - 1} on 127.0.0.1; free some.")

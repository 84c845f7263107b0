"""The generated Compose file that marks all that a run makes, so that it can be told from everything else."""

from __future__ import annotations

from pathlib import Path

import yaml

from outlast.stacks.topology import Topology


def write(path: Path, topology: Topology, labels: dict[str, str]) -> Path:
    """Write it and return its path; the file belongs to the run's folder."""
    document = {
        "services": {service.name: {"labels": labels} for service in topology.services},
        "networks": {name: {"labels": labels} for name in topology.networks},
        "volumes": {name: {"labels": labels} for name in topology.volumes},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return path

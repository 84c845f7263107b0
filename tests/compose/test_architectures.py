"""The Compose files: every overlay resolves, says what its services are for, and means the same to both engines."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from outlast_lab_app.settings import from_environment
from outlast_lab_app.stores.store import open_store
from tests.compose.processes import LAB

from outlast.errors import EngineError
from outlast.stacks.compose.command import find
from outlast.stacks.lab import files
from outlast.stacks.stack import Role, StoreKind
from outlast.stacks.topology import Topology, read

ARCHITECTURES = sorted((LAB / "architectures").glob("*.yaml"))
NAMES = [overlay.stem for overlay in ARCHITECTURES]
architectures = pytest.mark.parametrize("overlay", ARCHITECTURES, ids=NAMES)


@pytest.fixture
def topology(overlay: Path) -> Topology:
    """The architecture as our own loader reads it."""
    return read(files(overlay.stem), {})


@pytest.fixture(scope="module")
def resolved() -> dict[str, Any]:
    """All architectures as Compose resolves them, with no variable of ours set; needs its command, but no engine."""
    try:
        compose = find()
    except EngineError as lacking:
        pytest.skip(str(lacking))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OUTLAST_", "COMPOSE_"))}
    found = {}
    for overlay in ARCHITECTURES:
        named = [part for file in files(overlay.stem) for part in ("-f", str(file))]
        asked = [*compose.argv, *named, "-p", "outlast-labtest", "config"]
        printed = subprocess.run(asked, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert 0 == printed.returncode, f"{overlay.name}: {printed.stderr}"
        assert "" == printed.stderr, f"{overlay.name}: {printed.stderr}"
        found[overlay.stem] = yaml.safe_load(printed.stdout)
    return found


def test_the_lab_has_its_architectures() -> None:
    """Those that the experiments name are there."""
    assert {
        "jwt",
        "mariadb",
        "redis-aof",
        "redis-default",
        "redis-none",
        "redis-sentinel",
        "roundrobin-memory",
        "sticky-disk",
        "sticky-memory",
    } <= set(NAMES)


@architectures
def test_overlay_says_first_what_it_is(overlay: Path) -> None:
    """The first line is one sentence about how sessions are kept."""
    assert re.fullmatch(r"# Sessions .*\.", overlay.read_text().splitlines()[0])


@architectures
def test_services_have_roles(topology: Topology) -> None:
    """One balancer, three replicas, and whatever else there is, is a store, a Sentinel, or the object server."""
    roles = {service.name: service.role for service in topology.services}
    replicas = {f"app-{number}": Role.REPLICA for number in (1, 2, 3)}
    others = {name: role for name, role in roles.items() if name not in replicas and name != "balancer"}

    assert roles == {"balancer": Role.BALANCER} | replicas | others
    watching = {service.name for service in topology.services if service.kind is StoreKind.SENTINEL}
    keeps_none = watching | {"objects"}
    assert all(role is (Role.OTHER if name in keeps_none else Role.STORE) for name, role in others.items())
    assert "balancer" == topology.door


@architectures
def test_every_service_runs_without_docker_too(overlay: Path, topology: Topology) -> None:
    """Everything but a database and an nginx, which come in no wheel, has a process, a health check and a port."""
    for service in topology.services:
        if service.kind is StoreKind.MARIADB or (service.role is Role.BALANCER and "nginx" in overlay.stem):
            assert service.process is None, service.name
            continue
        assert service.process is not None, service.name
        assert service.process.health is not None, service.name
        assert service.port is not None, service.name


@architectures
def test_replicas_differ_in_name_alone(topology: Topology) -> None:
    """What one replica is told, the others are told as well, and each knows its own name."""
    replicas = [service for service in topology.services if service.role is Role.REPLICA]
    told = [{k: v for k, v in service.environment if k != "OUTLAST_REPLICA"} for service in replicas]

    assert [service.name for service in replicas] == [
        dict(service.environment)["OUTLAST_REPLICA"] for service in replicas
    ]
    assert told[0] == told[1] == told[2]


@architectures
def test_the_spare_is_told_what_the_replicas_are(topology: Topology) -> None:
    """It may take anybody's place: it differs in its name, and it does not start with the others."""
    (spare,) = topology.spares
    replica = topology.service("app-3")

    assert dict(spare.environment) == dict(replica.environment) | {"OUTLAST_REPLICA": "app-4"}
    assert Role.SPARE is spare.role
    assert spare not in topology.services


@architectures
def test_app_accepts_its_settings(topology: Topology, tmp_path: Path) -> None:
    """What an architecture tells the app is something that the app knows, down to the store."""
    for service in topology.services:
        if service.role is Role.REPLICA:
            open_store(from_environment(dict(service.environment) | {"OUTLAST_DATA": str(tmp_path)}))


@architectures
def test_both_engines_read_the_same(overlay: Path, topology: Topology, resolved: dict[str, Any]) -> None:
    """Compose and our own loader agree on services, environment, health, restart policy, grace and volumes."""
    theirs = resolved[overlay.stem]["services"]

    assert {service.name for service in topology.services} == set(theirs)
    for service in topology.services:
        one = theirs[service.name]
        assert dict(service.environment) == one.get("environment", {}), service.name
        assert service.restart == one["restart"], service.name
        assert f"{service.grace_s:g}s" == one["stop_grace_period"], service.name
        assert service.keeps_data == bool(one.get("volumes")), service.name
        assert set(service.waits_for) == set(one.get("depends_on", {})), service.name
        assert service.role.value == one["x-outlast"]["role"], service.name
        if service.process is None:
            assert "process" not in one["x-outlast"] or one["x-outlast"]["containers_only"], service.name
            continue
        ours = [part.replace("$", "$$") for part in service.process.command]
        assert ours == one["x-outlast"]["process"]["command"]  # Compose prints a dollar as it must be written


@architectures
def test_ports_are_published_on_loopback_alone(overlay: Path, resolved: dict[str, Any]) -> None:
    """Nothing of the lab can be reached from outside; balancer and replicas can be asked, the store cannot."""
    for name, service in resolved[overlay.stem]["services"].items():
        ports = [(port.get("host_ip"), port["target"], port.get("published")) for port in service.get("ports", [])]
        known = {"balancer": [("127.0.0.1", 8080, None)]} | {f"app-{n}": [("127.0.0.1", 8000, None)] for n in (1, 2, 3)}
        assert known.get(name, []) == ports


@architectures
def test_every_service_is_of_our_images_and_checked(overlay: Path, resolved: dict[str, Any]) -> None:
    """No service is pulled from anywhere, and Compose can wait for each of them; MariaDB alone has another image."""
    for name, service in resolved[overlay.stem]["services"].items():
        mariadb = service["x-outlast"].get("kind") == "mariadb"
        image = "outlast-lab-mariadb:latest" if mariadb else "outlast-lab:latest"
        assert (image, "never") == (service["image"], service["pull_policy"]), name
        assert service["healthcheck"]["test"], name


def test_adding_an_architecture_is_explained_with_the_smallest_one(lab: Path) -> None:
    """The overlay that the page of the lab shows is the overlay that is there."""
    page = (lab.parent / "docs" / "lab.md").read_text()
    shown = re.findall(r"```yaml\n(# Sessions .*?)```", page, flags=re.DOTALL)

    assert (lab / "architectures" / "roundrobin-memory.yaml").read_text() in shown

"""Compose files are read as Compose itself reads them, and what is wrong in them is told with its place."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from outlast.errors import EngineError, FormatError, NodeNotFound
from outlast.stacks import lab, topology
from outlast.stacks.compose.command import find
from outlast.stacks.stack import Role, StoreKind
from outlast.stacks.topology import Health, Topology

DOOR = "x-outlast: {door: {service: app, port: 80}}\n"


def read(tmp_path: Path, *texts: str, **variables: str) -> Topology:
    files = []
    for number, text in enumerate(texts):
        files.append(tmp_path / f"{number}.yaml")
        files[-1].write_text(text, encoding="utf-8")
    return topology.read(files, variables)


@pytest.mark.parametrize("architecture", lab.architectures())
def test_it_agrees_with_compose_on_every_architecture(architecture: str) -> None:
    """Environment, restart policy, grace, volumes and health of each service are what Compose makes of them."""
    try:
        compose = find()
    except EngineError as lacking:
        pytest.skip(str(lacking))
    files = lab.files(architecture)
    asked = [*compose.argv, *(part for file in files for part in ("-f", str(file))), "config", "--format", "json"]
    theirs: dict[str, Any] = json.loads(subprocess.run(asked, capture_output=True, check=True).stdout)

    ours = topology.read(files, os.environ)

    assert list(theirs["services"]) == sorted(service.name for service in ours.services)
    assert set(theirs["networks"]) == set(ours.networks)
    assert set(theirs.get("volumes", {})) == set(ours.volumes)
    for service in ours.services:
        there = theirs["services"][service.name]
        assert there.get("environment", {}) == dict(service.environment)
        assert there.get("restart", "no") == service.restart
        assert bool(there.get("volumes")) == service.keeps_data
        assert f"{service.grace_s:g}s" == there["stop_grace_period"]
        checked = service.process is None or service.process.health is not None
        assert ("healthcheck" in there) == checked


@pytest.mark.parametrize("architecture", lab.architectures())
def test_the_lab_has_one_door_and_three_replicas(architecture: str) -> None:
    """And each of its services can run as a process: only MariaDB's and nginx's need Docker."""
    described = topology.read(lab.files(architecture), {})

    assert "balancer" == described.door
    assert 3 == sum(service.role is Role.REPLICA for service in described.services)
    homeless = [service.kind for service in described.services if service.process is None]
    assert homeless == [StoreKind.MARIADB] * (architecture == "mariadb") + [None] * ("nginx" in architecture)
    assert all(service.port for service in described.services)


def test_later_files_lie_over_earlier_ones(tmp_path: Path) -> None:
    """Mappings merge deeply, commands are replaced, volumes are appended."""
    described = read(
        tmp_path,
        DOOR
        + """
services:
  app:
    environment: {A: "1", B: "1"}
    volumes: [one:/one]
    x-outlast: {role: replica, port: 80, process: {command: [serve, slowly], environment: {P: "1"}}}
""",
        """
services:
  app:
    environment: {B: "2"}
    volumes: []
    restart: "no"
    x-outlast: {process: {command: [serve], environment: {Q: "2"}, health: {http: /health}}}
  store:
    volumes: [data:/data]
volumes: {data: }
""",
    )
    app = described.service("app")

    assert (("A", "1"), ("B", "2")) == app.environment
    assert app.process is not None
    assert ("serve",) == app.process.command
    assert (("P", "1"), ("Q", "2")) == app.process.environment
    assert Health("/health") == app.process.health
    assert app.keeps_data
    assert (Role.REPLICA, Role.OTHER) == (app.role, described.service("store").role)
    assert ("data",) == described.volumes


def test_an_environment_may_be_a_list(tmp_path: Path) -> None:
    """`A=1` sets, a bare name is taken from the outside, and one that is not there is left out."""
    described = read(tmp_path, DOOR + "services: {app: {environment: [A=1, B=x=y, HERE, GONE]}}", HERE="yes")

    assert (("A", "1"), ("B", "x=y"), ("HERE", "yes")) == described.service("app").environment


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("${SET}", "set"),
        ("$SET-x", "set-x"),
        ("${EMPTY:-default}", "default"),
        ("${EMPTY-default}", ""),
        ("${ABSENT-default}", "default"),
        ("${ABSENT}", ""),
        ("a $$ b", "a $ b"),
        ("{address:app}", "{address:app}"),
    ],
)
def test_variables_are_filled_as_compose_fills_them(tmp_path: Path, text: str, filled: str) -> None:
    """Braces without a dollar are our own placeholders and stay."""
    described = read(tmp_path, DOOR + f"services: {{app: {{environment: {{A: '{text}'}}}}}}", SET="set", EMPTY="")

    assert (("A", filled),) == described.service("app").environment


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("services: {app: {}}", "x-outlast.door.service must be a text; it is absent"),
        (DOOR + "services: {}", "it has no services"),
        (DOOR + "services: {other: {}}", "'app', which is no service"),
        (DOOR + "services: {app: []}", r"services.app must be a mapping; it is \[\]"),
        (DOOR + "services: {app: {x-outlast: {role: king}}}", "services.app.x-outlast.role is 'king'"),
        (DOOR + "services: {app: {x-outlast: {kind: rediss}}}", "services.app.x-outlast.kind is 'rediss'"),
        (DOOR + "services: {app: {x-outlast: {port: many}}}", "port must be a whole number; it is 'many'"),
        (DOOR + "services: {app: {x-outlast: {process: {}}}}", "process.command must be a list"),
        (DOOR + "services: {app: {x-outlast: {process: {command: [x], health: {}}}}}", "health must be"),
        (DOOR + "services: {app: {stop_grace_period: soon}}", "must be a duration such as 5s"),
        (DOOR + "services: {app: {depends_on: {b: {condition: service_healthy}}}}", "depends on 'b'"),
        ("- a list", "it must be a mapping with services"),
        ("a: [1\nb: 2", "0.yaml:2: it is no YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, complaint: str) -> None:
    """One sentence with the file and the way to the wrong value; never a traceback."""
    with pytest.raises(FormatError, match=complaint) as told:
        read(tmp_path, text)
    assert "0.yaml" in str(told.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With its name and the system's reason."""
    with pytest.raises(FormatError, match=r"none.yaml: it cannot be read: No such file"):
        topology.read([tmp_path / "none.yaml"], {})


def test_asking_for_a_service_that_is_not_there_names_the_others(tmp_path: Path) -> None:
    """So that a typing mistake is seen at once."""
    with pytest.raises(NodeNotFound, match=r"'b'.*It has: app"):
        read(tmp_path, DOOR + "services: {app: {}}").service("b")


@pytest.mark.parametrize(("text", "seconds"), [("5s", 5), ("1m30s", 90), ("500ms", 0.5), ("1h", 3600)])
def test_durations(tmp_path: Path, text: str, seconds: float) -> None:
    """In Compose's notation."""
    described = read(tmp_path, DOOR + f"services: {{app: {{stop_grace_period: {text}}}}}")

    assert seconds == described.service("app").grace_s


@pytest.mark.parametrize("option", lab.options())
def test_an_option_of_the_lab_says_what_it_is_and_lies_over_an_architecture(option: str) -> None:
    """Its first line is a sentence, and it adds no node of its own: at most the spare is called in."""
    *_, overlay = lab.files(f"redis-aof+{option}")
    plain = topology.read(lab.files("redis-aof"), {})
    with_it = topology.read(lab.files(f"redis-aof+{option}"), {})

    assert re.fullmatch(r"# .*\.", overlay.read_text(encoding="utf-8").splitlines()[0])
    assert {one.name for one in (*plain.services, *plain.spares)} == {
        one.name for one in (*with_it.services, *with_it.spares)
    }
    assert len(with_it.services) == len(plain.services) + (option == "blue-green")


def test_a_spare_is_no_service_of_the_running_stack(tmp_path: Path) -> None:
    """It is known by name, and neither counted nor started nor waited for."""
    described = read(tmp_path, DOOR + "services: {app: {}, app-2: {x-outlast: {role: spare, port: 8000}}}\n")

    assert "app-2" not in {service.name for service in described.services}
    assert Role.SPARE is described.service("app-2").role
    assert ("app-2",) == tuple(service.name for service in described.spares)

"""A user's own project is read by Compose itself, run under a name of ours, and what is not ours in it stays."""

from __future__ import annotations

import subprocess
import textwrap
from pathlib import Path
from typing import Any

import pytest

from outlast.errors import EngineError, FormatError, Unsupported
from outlast.stacks.compose import own_topology
from outlast.stacks.compose.command import find
from outlast.stacks.engine import open_own
from outlast.stacks.own import read_own
from outlast.stacks.stack import Role, Stack

OUTLAST = """
name: shop
compose: [compose.yaml]
driver: lab
door: {service: web, port: 8000}
services:
  web: {role: replica, port: 8000}
"""
# What our own reader does not know: another file's services, a merge with a reset, a .env file, things of others.
PROJECT = """
include: [more.yaml]
services:
  web:
    image: ${IMAGE}
    command: [python3, -m, http.server, "8000"]
    environment: {GREETING: "${GREETING}"}
    networks: [inside, shared]
    volumes: [ours:/ours, theirs:/theirs]
networks:
  inside: {}
  shared: {external: true, name: bridge-of-somebody}
volumes:
  ours: {}
  theirs: {name: somebodys-data}
"""
MORE = """
services:
  cache: {image: "${IMAGE}", command: [sleep, "60"], scale: 1}
"""


def write(folder: Path, project: str = PROJECT, image: str = "outlast-none:none") -> Path:
    (folder / "outlast.yaml").write_text(OUTLAST)
    (folder / "compose.yaml").write_text(textwrap.dedent(project))
    (folder / "more.yaml").write_text(MORE)
    (folder / ".env").write_text(f"IMAGE={image}\nGREETING=hello\n")
    return folder / "outlast.yaml"


def read(folder: Path, project: str = PROJECT) -> Any:
    try:
        compose = find()
    except EngineError as lacking:
        pytest.skip(str(lacking))
    own = read_own(write(folder, project))
    return own_topology.read(compose, own.write_overlay(folder / "run"), "outlast-r1")


def test_it_is_what_compose_makes_of_it(tmp_path: Path) -> None:
    """Included services, variables of its `.env`, and our roles over it all."""
    described = read(tmp_path)

    assert ["cache", "web"] == sorted(service.name for service in described.services)
    assert ("web", 8000) == (described.door, described.door_port)
    assert Role.REPLICA is described.service("web").role
    assert (("GREETING", "hello"),) == described.service("web").environment


def test_what_is_external_or_has_its_own_name_is_not_ours(tmp_path: Path) -> None:
    """It was there before us, or another project uses it too: no mark, no removal."""
    described = read(tmp_path)

    assert "shared" not in described.networks
    assert "inside" in described.networks
    assert ("ours",) == described.volumes


def test_what_compose_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    """With the files' names."""
    with pytest.raises(FormatError, match=r"(?s)compose\.yaml \+ roles\.yaml: Compose cannot read it: .*nowhere"):
        read(tmp_path, "services: {web: {image: x, depends_on: [nowhere]}}")


def test_a_service_that_runs_several_times_is_refused(tmp_path: Path) -> None:
    """Which of them a fault struck could not be said by name."""
    with pytest.raises(Unsupported, match=r"services\.web is to run 3 times"):
        read(tmp_path, "services: {web: {image: x, deploy: {replicas: 3}}}")


def test_the_local_engine_cannot_run_it(tmp_path: Path) -> None:
    """It has images, not processes."""
    with pytest.raises(Unsupported, match="--engine compose"):
        open_own("local", read_own(write(tmp_path)), "r1", tmp_path)


@pytest.mark.compose
@pytest.mark.parametrize("engine", ["compose"], indirect=True, scope="session")
def test_it_starts_is_struck_and_leaves_what_is_not_ours(standing: Stack, tmp_path: Path) -> None:
    """A volume with a name of its own is still there afterwards, its data in it; our own are gone."""
    project = """
        services:
          web:
            image: ${IMAGE}
            command: [python3, -m, http.server, "8000"]
            user: root
            volumes: [ours:/ours, theirs:/theirs]
        volumes: {ours: {}, theirs: {name: outlast-test-somebodys}}
    """
    docker = lambda *words: subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout  # noqa: E731
    docker("volume", "create", "outlast-test-somebodys")
    try:
        own = read_own(write(tmp_path, project, standing.environment()["image"]))
        stack = open_own("compose", own, "own", tmp_path / "run")
        try:
            stack.start()
            (web,) = stack.nodes()
            door = stack.door()
            docker("exec", f"{stack.state(web).identity}", "sh", "-c", "echo kept > /theirs/data")
            stack.kill(web)
            stack.start_node(web)
            facts = stack.environment()
        finally:
            stack.remove()
        kept = docker(
            "run", "--rm", "-v", "outlast-test-somebodys:/data", facts["image.web"].split()[0], "cat", "/data/data"
        )
        volumes = docker("volume", "ls", "-q").split()
    finally:
        docker("volume", "rm", "-f", "outlast-test-somebodys")

    assert "127.0.0.1" == door.host
    assert "kept\n" == kept
    assert not [name for name in volumes if name.startswith("outlast-own")]

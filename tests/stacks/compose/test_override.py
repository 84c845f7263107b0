"""What Outlast lays over a Compose file is read by Compose as it is meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from outlast.stacks import topology
from outlast.stacks.compose import command, override
from outlast.stacks.owner import RUN_LABEL

PROJECT = """
services:
  balancer:
    image: none
    x-outlast: {role: balancer, port: 8080}
  app-1:
    image: none
    volumes: [kept:/data]
    x-outlast: {role: replica, port: 8000}
x-outlast: {door: {service: balancer, port: 8080}}
volumes: {kept: {}}
"""


@pytest.mark.parametrize("run_id", ["00762800", "08386023", "12345678", "909e7183", "0b101010", "deadbeef"])
def test_a_mark_stays_what_it_is(run_id: str, tmp_path: Path) -> None:
    """An id of digits alone, or one that looks like a number with an exponent, marks all that a run makes."""
    file = tmp_path / "compose.yaml"
    file.write_text(PROJECT)
    laid = override.write(tmp_path / "override.yaml", topology.read([file], {}), {RUN_LABEL: run_id}, 20_001)
    asked = ["-p", "marked", "-f", str(file), "-f", str(laid), "config", "--format", "json"]
    read = json.loads(command.find().run(asked, environment={}, timeout_s=30))

    made = [*read["services"].values(), *read["networks"].values(), *read["volumes"].values()]
    assert {run_id} == {thing["labels"][RUN_LABEL] for thing in made}
    assert 4 == len(made)

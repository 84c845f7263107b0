"""outlast.yaml of a user's own stack: read strictly, each mistake told in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from outlast.errors import FormatError
from outlast.stacks.own import read_own

GOOD = """\
name: shop
compose: [compose.yaml]
door: {service: proxy, port: 80}
services:
  proxy: {role: balancer}
  web: {role: replica, port: 3000}
driver: shop.outlast:Driver
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "compose.yaml").write_text("services: {proxy: {image: a}, web: {image: b}}\n")
    (tmp_path / "outlast.yaml").write_text(GOOD)
    return tmp_path


def test_the_overlay_says_the_roles_and_publishes_on_loopback_only(project: Path) -> None:
    """The user's files stay as they are; what we add stands in a file of the run's own."""
    before = (project / "compose.yaml").read_bytes()
    files = read_own(project / "outlast.yaml").write_overlay(project / "run")
    overlay = yaml.safe_load(files[-1].read_text())

    assert (project / "compose.yaml").resolve() == files[0]
    assert {"door": {"service": "proxy", "port": 80}} == overlay["x-outlast"]
    assert {"role": "replica", "port": 3000} == overlay["services"]["web"]["x-outlast"]
    assert ["127.0.0.1::80"] == overlay["services"]["proxy"]["ports"]
    assert before == (project / "compose.yaml").read_bytes()


def test_the_kind_of_a_store_goes_into_the_overlay(project: Path) -> None:
    """So that faults know how to speak to it."""
    (project / "outlast.yaml").write_text(GOOD.replace("driver:", "  cache: {role: store, kind: redis}\ndriver:"))

    (*_, overlay) = read_own(project / "outlast.yaml").write_overlay(project / "run")

    assert {"role": "store", "kind": "redis"} == yaml.safe_load(overlay.read_text())["services"]["cache"]["x-outlast"]


def test_how_the_app_is_asked_for_at_its_door(project: Path) -> None:
    """A name, and HTTPS with a CA that is named relative to the file; none of it is Compose's to know."""
    (project / "ca.pem").touch()
    door = "port: 443, host: shop.example, tls: {ca: ca.pem}}"
    (project / "outlast.yaml").write_text(GOOD.replace("port: 80}", door))

    own = read_own(project / "outlast.yaml")

    ca = str((project / "ca.pem").resolve())
    assert {"host": "shop.example", "tls": True, "ca": ca, "verify": True} == own.front
    assert {"service": "proxy", "port": 443} == own.roles["x-outlast"]["door"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (GOOD.replace("port: 80}", "port: 99999}"), "door.port: input should be less than or equal to 65535"),
        (GOOD.replace("role: replica", "role: replicant"), "services.web.role: 'replicant' is none of"),
        (GOOD.replace("compose.yaml", "nowhere.yaml"), "which is no file"),
        (GOOD.replace("port: 80}", "port: 80, tls: {ca: no.pem}}"), "no.pem, which is no file"),
        (GOOD.replace("port: 80}", "port: 80, host: 'a b'}"), "door.host"),
        (GOOD + "colour: blue\n", "colour: nobody knows this name"),
        ("name: [", "outlast.yaml:"),
        ("", "the file: input should be a valid dictionary"),
        ("name: !!python/object/apply:os.system [id]", "is not YAML"),
    ],
)
def test_a_mistake_is_one_sentence(project: Path, wrong: str, told: str) -> None:
    """What is wrong and where, never a traceback."""
    (project / "outlast.yaml").write_text(wrong)

    with pytest.raises(FormatError) as caught:
        read_own(project / "outlast.yaml")
    assert told in str(caught.value)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    """Not FileNotFoundError."""
    with pytest.raises(FormatError, match="cannot be read"):
        read_own(tmp_path / "outlast.yaml")

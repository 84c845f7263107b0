"""The lab's image is built when its inputs change, and only then."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from outlast.errors import EngineError
from outlast.stacks import lab
from outlast.stacks.compose import images
from outlast.stacks.compose.daemon import connect

BASE = "sha256:0"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A lab of our own to change."""
    return Path(shutil.copytree(lab.folder(), tmp_path / "compose", ignore=shutil.ignore_patterns("__pycache__")))


def test_the_fingerprint_follows_what_goes_into_the_image(copy: Path) -> None:
    """The base, the Dockerfile, the app and its modes; not the Compose files, and not what Python leaves behind."""
    whole = images.fingerprint(copy, BASE)
    assert 12 == len(whole)
    assert whole != images.fingerprint(copy, "sha256:1")

    (copy / "base.yaml").write_text("")
    (copy / "app" / "__pycache__").mkdir(exist_ok=True)
    (copy / "app" / "__pycache__" / "x.pyc").write_bytes(b"x")
    assert whole == images.fingerprint(copy, BASE)

    (copy / "images" / "mariadb.Dockerfile").write_text("")
    assert whole == images.fingerprint(copy, BASE), "MariaDB's image is another one"

    seen = {whole}
    (copy / "images" / "http-ok").chmod(0o600)
    seen.add(images.fingerprint(copy, BASE))
    (copy / "app" / "new.py").write_text("")
    seen.add(images.fingerprint(copy, BASE))
    (copy / "app" / "new.py").rename(copy / "app" / "newer.py")
    seen.add(images.fingerprint(copy, BASE))
    assert 4 == len(seen)


@pytest.fixture
def client() -> Iterator[docker.DockerClient]:
    """Docker, or a skip."""
    try:
        made = connect()
    except EngineError as lacking:
        pytest.skip(str(lacking))
    with contextlib.closing(made):
        yield made


@pytest.mark.compose
def test_what_is_there_is_not_built_again(client: docker.DockerClient, copy: Path) -> None:
    """The second run tells of no step, and names the same image."""
    told: list[str] = []
    first = images.obtain(client, copy, os.environ, lambda text: None)

    assert first == images.obtain(client, copy, os.environ, told.append)
    assert [] == told


@pytest.mark.compose
def test_another_image_that_bears_the_label_is_not_taken_for_the_labs(
    client: docker.DockerClient, copy: Path, tmp_path: Path
) -> None:
    """MariaDB's is younger than the lab's, labelled as it is, and has none of its tools.

    Several of the lab's may be here, and a rebuild from Docker's cache is as old as the first build: which of them is
    the newest is not this test's to say.
    """
    labs = images.obtain(client, copy, os.environ, lambda text: None)
    (tmp_path / "Dockerfile").write_text(f"FROM {labs}\nENV OTHER=1\n")
    other, _ = client.images.build(path=str(tmp_path), tag=f"outlast-lab-other:{secrets.token_hex(4)}", rm=True)
    try:
        found = client.images.get(images.built(client))
        assert found.id != other.id
        assert ["outlast-lab"] == sorted({tag.partition(":")[0] for tag in found.tags})
    finally:
        client.images.remove(other.id, force=True)


@pytest.mark.compose
def test_a_build_that_fails_shows_its_last_lines(client: docker.DockerClient, copy: Path) -> None:
    """The user sees what the builder saw."""
    (copy / "images" / "Dockerfile").write_text(
        "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nRUN echo the mirror is away && exit 9\n"
    )

    with pytest.raises(EngineError, match=r"(?s)could not be built: .*code: 9.*the mirror is away"):
        images.obtain(client, copy, os.environ, lambda text: None)


@pytest.mark.compose
def test_a_base_that_can_be_neither_pulled_nor_made_is_told(
    client: docker.DockerClient, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the two ways out: a base of one's own, or the engine without Docker."""
    monkeypatch.setattr(images, "PULL_S", 0)
    (copy / "images" / "make-base-image").write_text("#!/bin/sh\necho no mirror can be reached >&2; exit 2\n")
    told: list[str] = []

    with pytest.raises(EngineError, match=r"(?s)BASE_IMAGE=.*--engine local.*no mirror can be reached"):
        images.obtain(client, copy, {"BASE_IMAGE": "127.0.0.1:1/outlast-nowhere:none"}, told.append)
    assert 2 == len(told)


def test_an_image_of_ones_own_is_taken_as_it_is() -> None:
    """No question is asked about it."""
    assert "mine:1" == images.obtain(None, Path("/none"), {"OUTLAST_LAB_IMAGE": "mine:1"}, print)

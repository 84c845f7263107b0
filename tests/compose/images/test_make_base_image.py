"""The script that makes the base image: what it says when it cannot."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from pathlib import Path

import pytest

from outlast.errors import EngineError
from outlast.stacks.engine import choose


@pytest.mark.slow
@pytest.mark.compose
@pytest.mark.skipif(os.geteuid() != 0, reason="debootstrap needs root")
def test_it_makes_a_base_that_runs(lab: Path, tmp_path: Path) -> None:
    """The image is a Debian that runs, with nothing of its making left behind in it or on this machine."""
    try:
        choose("compose")
    except EngineError as lacking:
        pytest.skip(str(lacking))
    name = f"outlast-test-base:{secrets.token_hex(4)}"
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)}
    made = subprocess.run(
        [str(lab / "images/make-base-image"), name],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    try:
        assert 0 == made.returncode, made.stderr
        assert made.stdout.startswith("sha256:")
        look = "ls /var/lib/apt/lists; . /etc/os-release; echo $ID"
        command = ["docker", "run", "--rm", "--network", "none", name, "sh", "-c", look]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    finally:
        subprocess.run(["docker", "image", "rm", "--force", name], capture_output=True, check=False)

    assert "partial\ndebian\n" == ran.stdout
    assert [] == list(tmp_path.iterdir())


def test_it_wants_a_name(lab: Path) -> None:
    """Without a name it tells how it is used."""
    _refuses(_run(lab, [], os.environ["PATH"]), "usage: make-base-image NAME:TAG")


def test_without_docker_it_says_what_to_do(lab: Path, tmp_path: Path) -> None:
    """No docker command: one sentence, and nothing is installed or made."""
    _refuses(_run(lab, ["test:none"], _tools(tmp_path)), "the docker command is missing; install it, or")


def test_without_an_engine_it_says_what_to_do(lab: Path, tmp_path: Path) -> None:
    """A docker command whose engine does not answer: one sentence."""
    path = _tools(tmp_path, docker="exit 1")
    _refuses(_run(lab, ["test:none"], path), "the Docker engine does not answer; start it, or")


def test_without_root_it_says_what_to_do(lab: Path, tmp_path: Path) -> None:
    """Neither root nor sudo without a password: one sentence."""
    path = _tools(tmp_path, docker="exit 0", sudo="exit 1", id="echo 1000")
    _refuses(_run(lab, ["test:none"], path), "making a base image needs root; run it as root, or")


def test_without_debootstrap_and_apt_it_says_what_to_do(lab: Path, tmp_path: Path) -> None:
    """On a system of another kind nothing can be installed: one sentence."""
    if Path("/usr/sbin/debootstrap").exists():
        pytest.skip("debootstrap is installed here, and the script looks in /usr/sbin too")
    path = _tools(tmp_path, docker="exit 0", id="echo 0")
    _refuses(_run(lab, ["test:none"], path), "debootstrap is missing and there is no apt-get")


def _run(lab: Path, arguments: list[str], path: str) -> subprocess.CompletedProcess[str]:
    command = [str(lab / "images/make-base-image"), *arguments]
    return subprocess.run(command, env={"PATH": path}, capture_output=True, text=True, timeout=30, check=False)


def _refuses(ended: subprocess.CompletedProcess[str], sentence: str) -> None:
    assert 2 == ended.returncode
    assert ended.stderr.startswith(f"make-base-image: {sentence}")
    assert 1 == len(ended.stderr.splitlines())


def _tools(folder: Path, **scripts: str) -> str:
    """A PATH with a plain shell's tools and the programs that are given as scripts."""
    for name in ("sh", "id", "sed"):
        if name not in scripts:
            (folder / name).symlink_to(str(shutil.which(name)))
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return str(folder)

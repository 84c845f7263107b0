"""The lab's image: a Debian base that is found, pulled or made, and the lab built on it when its inputs changed."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import docker
import docker.errors
import requests
from docker.utils import parse_repository_tag

from outlast.errors import EngineError
from outlast.stacks.compose.command import tail
from outlast.stacks.compose.daemon import connect, refusals

DEFAULT_BASE = "debian:bookworm-slim"
REPOSITORY = "outlast-lab"
LABEL = "outlast.image=lab"
MARIADB = "images/mariadb.Dockerfile"
PULL_S = 90
MAKE_S = 600
SILENT_S = 600
"""How long a step of the build may print nothing."""

Tell = Callable[[str], None]


def obtain(client: docker.DockerClient, lab: Path, variables: Mapping[str, str], tell: Tell) -> str:
    """The name of the lab's image, built if its inputs changed; `EngineError` when it cannot be had.

    Milliseconds when it is there; up to some minutes when base and lab must be made. `OUTLAST_LAB_IMAGE` in
    `variables` is taken as it is, `BASE_IMAGE` names the base.
    """
    if chosen := variables.get("OUTLAST_LAB_IMAGE"):
        return chosen
    with _one_at_a_time():
        base = _base(client, lab, base_image_name(variables), tell)
        name = f"{REPOSITORY}:{fingerprint(lab, base)}"
        if not _has(client, name):
            tell(f"building the lab's image {name}")
            _build(client, lab, base, name, "images/Dockerfile")
    return name


def obtain_mariadb(client: docker.DockerClient, lab: Path, variables: Mapping[str, str], tell: Tell) -> str:
    """The name of MariaDB's image, for the architectures that have one; built, and refused, as the lab's own is.

    `OUTLAST_MARIADB_IMAGE` in `variables` is taken as it is.
    """
    if chosen := variables.get("OUTLAST_MARIADB_IMAGE"):
        return chosen
    recipe = lab / MARIADB
    with _one_at_a_time():
        base = _base(client, lab, base_image_name(variables), tell)
        digest = hashlib.sha256(base.encode() + b"\0" + recipe.read_bytes()).hexdigest()[:12]
        name = f"{REPOSITORY}-mariadb:{digest}"
        if not _has(client, name):
            tell(f"building MariaDB's image {name}")
            _build(client, lab, base, name, MARIADB)
    return name


def base_image_name(variables: Mapping[str, str] = os.environ) -> str:
    """The base that the lab's image is built on: BASE_IMAGE, or Debian as it is named in the registries."""
    return variables.get("BASE_IMAGE") or DEFAULT_BASE


def have(name: str) -> bool:
    """Whether the daemon has that image; `EngineError` when it does not answer."""
    with contextlib.closing(connect(timeout_s=10)) as client:
        return _has(client, name)


def fingerprint(lab: Path, base: str) -> str:
    """Twelve hexadecimal digits that change whenever the base or a file that goes into the image does."""
    digest = hashlib.sha256(base.encode())
    for part in ("images", "app", "balancer"):
        for file in sorted((lab / part).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts and file != lab / MARIADB:
                digest.update(f"\0{file.relative_to(lab)}\0{file.stat().st_mode & 0o111}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _base(client: docker.DockerClient, lab: Path, base: str, tell: Tell) -> str:
    """The base image's id, after finding, pulling or making it."""
    if not _has(client, base):
        tell(f"pulling {base}")
        refusal = _pull(client, base)
        if refusal:
            tell(f"{base} cannot be pulled ({refusal}); making it from Debian's packages")
            _make(lab / "images" / "make-base-image", base)
    with refusals(f"show the image {base}"):
        return str(client.images.get(base).id)


def _has(client: docker.DockerClient, name: str) -> bool:
    with refusals(f"look for the image {name}"):
        try:
            client.images.get(name)
        except docker.errors.ImageNotFound:
            return False
    return True


def _pull(client: docker.DockerClient, base: str) -> str:
    """Try to pull, for a limited time; returns why it failed, or nothing."""
    repository, tag = parse_repository_tag(base)
    deadline = time.monotonic() + PULL_S
    refusal = ""
    try:
        for step in client.api.pull(repository, tag=tag or "latest", stream=True, decode=True):
            refusal = str(step.get("error", refusal))
            if time.monotonic() > deadline:
                refusal = f"it took more than {PULL_S} s"
                break
    except (docker.errors.DockerException, requests.RequestException) as error:
        refusal = str(getattr(error, "explanation", None) or error)
    return "" if _has(client, base) else refusal[:160] or "it is not there after the pull"


def _make(script: Path, base: str) -> None:
    try:
        ended = subprocess.run(
            [str(script), base], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=MAKE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineError(f"The base image {base} cannot be made: {error}; name another by BASE_IMAGE=...") from error
    if ended.returncode != 0:
        raise EngineError(
            f"The base image {base} could not be made; name one that you have by BASE_IMAGE=..., or choose "
            f"--engine local.\n{tail(ended.stdout + ended.stderr)}"
        )


def built(client: docker.DockerClient) -> str | None:
    """The id of the newest image of the lab itself that is here already; None when none is. It never builds."""
    # by name too: MariaDB's image is labelled as the lab's, and has none of the lab's tools
    wanted = {"label": LABEL, "reference": REPOSITORY}
    with refusals("list the lab's images"):
        found = client.api.images(filters=wanted, quiet=True)
    return str(found[0]) if found else None


def _build(client: docker.DockerClient, lab: Path, base: str, name: str, dockerfile: str) -> None:
    # The daemon's own builder, not BuildKit: Compose refuses an old buildx, and this needs no docker command at all.
    printed: list[str] = []
    failure = ""
    with refusals(f"build the image {name}"):
        for step in client.api.build(
            path=str(lab),
            dockerfile=dockerfile,
            tag=name,
            buildargs={"BASE_IMAGE": base},
            labels=dict([LABEL.split("=")]),
            rm=True,
            forcerm=True,
            decode=True,
            timeout=SILENT_S,
        ):
            printed.append(str(step.get("stream", "")))
            failure = str(step.get("error", failure))
    if failure or not _has(client, name):
        raise EngineError(f"The lab's image could not be built: {failure}\n{tail(''.join(printed))}")


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two runs that start together build once."""
    place = Path(tempfile.gettempdir()) / f"outlast-images-{os.getuid()}.lock"
    lock = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)

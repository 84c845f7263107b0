"""The log of a container that is about to be removed, followed to its last line."""

from __future__ import annotations

import contextlib
import threading

import docker
import docker.errors
import requests


class Burial:
    """Reads along from the first line until the container has ended; `text` holds it afterwards."""

    def __init__(self, client: docker.DockerClient, container: str) -> None:
        self._stream = client.api.logs(container, stream=True, follow=True, stdout=True, stderr=True)
        self._parts: list[bytes] = []
        self._thread = threading.Thread(target=self._read, name="outlast-docker-log", daemon=True)

    def __enter__(self) -> Burial:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(timeout=2)
        self._stream.close()
        self._thread.join(timeout=2)

    @property
    def text(self) -> str:
        """All that it printed."""
        return b"".join(self._parts).decode(errors="replace")

    def _read(self) -> None:
        with contextlib.suppress(docker.errors.DockerException, requests.RequestException, OSError, ValueError):
            self._parts.extend(self._stream)

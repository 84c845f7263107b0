"""The daemon's event stream of one run: when a container died or was paused, by the daemon's own clock."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

import docker.errors
import requests

from outlast.stacks.compose.daemon import connect


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a container. `wall_ns` is the daemon's own wall clock."""

    container: str
    action: str
    wall_ns: int


class Watch:
    """A subscription that stays open for the whole run, so that striking costs no subscribing.

    Reads in a thread of its own; when the stream breaks, `wait` returns None and the caller looks for itself.
    """

    def __init__(self, label: str) -> None:
        self._seen: list[Event] = []
        self._more = threading.Condition()
        self._broken = False
        self._client = connect()
        # The daemon replays what it did since then, so nothing falls between subscribing and listening.
        self._stream = self._client.api.events(
            since=int(time.time()) - 1, filters={"label": label, "type": "container"}, decode=True
        )
        self._thread = threading.Thread(target=self._read, name="outlast-docker-events", daemon=True)
        self._thread.start()

    def mark(self) -> int:
        """Where the stream is now; what happens from here on counts as new."""
        with self._more:
            return len(self._seen)

    def wait(self, container: str, action: str, since: int, timeout_s: float) -> Event | None:
        """The first such event after the mark, or None when it does not come in time or the stream is broken."""

        def found() -> Event | None:
            fresh = self._seen[since:]
            return next((event for event in fresh if event.container == container and event.action == action), None)

        with self._more:
            self._more.wait_for(lambda: found() is not None or self._broken, timeout_s)
            return found()

    def close(self) -> None:
        """Leave the stream; idempotent."""
        self._stream.close()
        self._thread.join(timeout=5)
        self._client.close()

    def _read(self) -> None:
        try:
            for raw in self._stream:
                self._take(raw)
        except (docker.errors.DockerException, requests.RequestException, OSError, ValueError, AttributeError):
            pass  # closed by us, or the daemon went away: both end the watch, and `wait` says so by None
        finally:
            with self._more:
                self._broken = True
                self._more.notify_all()

    def _take(self, raw: dict[str, Any]) -> None:
        action = str(raw.get("Action", ""))
        if action.startswith(("exec_", "health_status")):
            return  # health checks alone make three a second
        event = Event(container=str(raw.get("id", "")), action=action, wall_ns=int(raw.get("timeNano", 0)))
        with self._more:
            self._seen.append(event)
            self._more.notify_all()

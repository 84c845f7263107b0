"""`events.ndjson`: events as lines, written as they happen and read back.

A line reaches the kernel before `write` returns, so a SIGKILL of the harness loses none of them.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Final, get_args

from outlast.archive.event import Event
from outlast.errors import FormatError, OutlastError
from outlast.history.history import PhaseName

EVENTS_FILE: Final = "events.ndjson"

_TYPES: Final = {kind.__name__: kind for kind in get_args(Event)}


class EventLog:
    """Appends events to a file and shows each to whoever watches; safe to use from several threads."""

    def __init__(self, path: Path, watchers: tuple[Callable[[Event], None], ...] = ()) -> None:
        self._file = path.open("ab", buffering=0)
        self._watchers = watchers
        self._lock = threading.Lock()

    def write(self, event: Event) -> None:
        """Record it, then show it."""
        line = json.dumps({"event": type(event).__name__, **asdict(event)}, separators=(",", ":")) + "\n"
        with self._lock:
            try:
                self._file.write(line.encode())
            except OSError as error:
                raise OutlastError(
                    f"{self._file.name} cannot be written ({error.strerror}); free some space."
                ) from error
            for watcher in self._watchers:
                watcher(event)

    def close(self) -> None:
        """No event after this one."""
        with self._lock:
            self._file.close()

    def __enter__(self) -> EventLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_events(path: Path) -> tuple[Event, ...]:
    """File -> events. A torn last line (the writer was killed) is left out; another bad one is a FormatError."""
    if not path.exists():
        return ()
    lines = path.read_bytes().split(b"\n")
    torn = lines.pop()
    events = [_event(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if torn.strip():
        with contextlib.suppress(FormatError):  # the writer was killed in the middle of this line
            events.append(_event(path, len(lines) + 1, torn))
    return tuple(event for event in events if event is not None)


def _event(path: Path, number: int, line: bytes) -> Event | None:
    try:
        fields: dict[str, Any] = json.loads(line)
        kind = _TYPES.get(fields.pop("event"))
        if kind is None:
            return None  # an event of a later version
        known = {name: value for name, value in fields.items() if name in kind.__dataclass_fields__}
        if "nodes" in known:
            known["nodes"] = tuple(known["nodes"])
        if "name" in known:
            known["name"] = PhaseName(known["name"])
        event: Event = kind(**known)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise FormatError(str(path), number, f"not an event of a run ({error}).") from error
    return event

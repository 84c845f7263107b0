"""Timestamped lines, for a log file or a CI job: one per thing that happens, one every few seconds in between."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TextIO

from outlast.archive.event import (
    Event,
    FaultHealed,
    FaultMissed,
    FaultStruck,
    LoadTicked,
    PhaseBegan,
    RunAborted,
    RunBegan,
    RunEnded,
    StepTold,
)
from outlast.render.plain import plain
from outlast.render.progress import happening
from outlast.render.words import count

_TICK_EVERY_S: Final = 5.0


class PlainView:
    """Writes lines without colour, cursor movement or control characters."""

    def __init__(self, out: TextIO, wall_ns: Callable[[], int] = time.time_ns) -> None:
        self._out = out
        self._wall_ns = wall_ns
        self._ahead_ns: int | None = None
        self._ticked_ns = 0
        self._lock = threading.Lock()

    def see(self, event: Event) -> None:
        """One event -> at most one line."""
        with self._lock:
            if isinstance(event, RunBegan):
                self._ahead_ns = event.wall_ns - event.at_ns
            text = self._text(event)
            if text:
                self._out.write(f"{self._time(event)}  {text}\n")
                self._out.flush()

    def close(self) -> None:
        """Nothing to give back."""

    def _text(self, event: Event) -> str:
        match event:
            case RunBegan():
                why = f" ({plain(event.engine_reason)})" if event.engine_reason else ""
                where = f"{plain(event.experiment, 80)} on {plain(event.architecture, 80)}"
                return f"seed {event.seed}: {where}, {plain(event.engine, 40)} engine{why}"
            case PhaseBegan():
                self._ticked_ns = event.at_ns
                return event.name.value + ("" if event.seconds is None else f", {event.seconds:g} s")
            case StepTold():
                return plain(event.text)
            case LoadTicked() if event.at_ns - self._ticked_ns >= _TICK_EVERY_S * 1e9:
                self._ticked_ns = event.at_ns
                return (
                    f"{event.per_second:.0f} operations/s, {count(event.operations)} in all, "
                    f"{count(event.failed)} failed; sessions: {count(event.sessions_alive)} alive, "
                    f"{count(event.sessions_gone)} gone, {count(event.sessions_unknown)} unknown"
                )
            case FaultStruck() | FaultHealed() | FaultMissed() | RunAborted():
                return happening(event).text
            case RunEnded():
                return f"verdict: {plain(event.verdict, 20)}. {plain(event.sentence)}"
        return ""

    def _time(self, event: Event) -> str:
        wall_ns = self._wall_ns() if self._ahead_ns is None else event.at_ns + self._ahead_ns
        return datetime.fromtimestamp(wall_ns // 1_000_000_000, UTC).strftime("%H:%M:%SZ")

"""Rules of what the terminal shows."""

from __future__ import annotations

import io
import os
import pty
import re
import threading
from collections.abc import Callable

import pytest
from rich.console import Console
from tests.render.made_folder import Made

from outlast.archive.event import (
    Event,
    FaultHealed,
    FaultStruck,
    LoadTicked,
    PhaseBegan,
    RunBegan,
    RunEnded,
    StepTold,
)
from outlast.archive.invocation import Invocation
from outlast.history.history import PhaseName
from outlast.render.terminal import view
from outlast.render.terminal_live import LiveView

S = 1_000_000_000
NASTY = "\x1b[2J\x1b]0;owned\x07 [red]x[/red] \x00\x9b5m"
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class StandingClock:
    """A clock that stands where it is put."""

    def __init__(self, now_ns: int = 0) -> None:
        self.ns = now_ns

    def now_ns(self) -> int:
        return self.ns

    def sleep(self, seconds: float) -> None:
        self.ns += int(seconds * S)


def events(text: str = "app") -> list[Event]:
    return [
        RunBegan(
            at_ns=0,
            wall_ns=1_760_000_000 * S,
            seed=7,
            experiment=f"replica_kill{text}",
            architecture=f"sticky-memory{text}",
            engine="compose",
            engine_reason=f"Docker answers{text}",
            run_id="x",
            seconds_planned=20,
        ),
        StepTold(at_ns=1 * S, text=f"starting{text}"),
        PhaseBegan(at_ns=2 * S, name=PhaseName.STEADY, seconds=5),
        tick(3 * S, 300, 0, text),
        PhaseBegan(at_ns=7 * S, name=PhaseName.FAULT, seconds=4),
        FaultStruck(
            at_ns=7 * S,
            fault="kill",
            nodes=(f"app-2{text}",),
            proven=True,
            evidence=f"exited with 137{text}",
            scheduled_ns=7 * S,
            onset_ns=7 * S,
            onset_error_ms=3.1,
        ),
        tick(8 * S, 203, 97, text),
        FaultHealed(
            at_ns=11 * S,
            fault="kill",
            nodes=(f"app-2{text}",),
            healed=False,
            evidence=f"still down{text}",
            end_ns=11 * S,
        ),
    ]


def tick(at_ns: int, alive: int, gone: int, text: str) -> LoadTicked:
    return LoadTicked(
        at_ns=at_ns,
        operations=1200,
        per_second=301.4,
        failed=12,
        sessions_alive=alive,
        sessions_gone=gone,
        sessions_unknown=1,
        per_replica={f"app-1{text}": 150, f"app-3{text}": 149},
    )


def ended(text: str = "") -> RunEnded:
    return RunEnded(at_ns=12 * S, verdict="fail", kept=True, sentence=f"97 were lost{text}", report="report.html")


def lines(*shown: Event) -> list[str]:
    out = io.StringIO()
    watching = view(quiet=False, file=out)
    for event in shown:
        watching.see(event)
    watching.close()
    return out.getvalue().splitlines()


def picture(*shown: Event, clock: StandingClock | None = None, width: int = 120) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=True, color_system=None, legacy_windows=False)
    live = LiveView(console, clock or StandingClock())
    for event in shown:
        live.see(event)
    live.close()
    out.truncate(0)
    out.seek(0)
    console.print(live.picture())
    return out.getvalue()


def test_without_a_terminal_there_are_timestamped_lines() -> None:
    """The seed first of all, then what happens, each line with the wall clock's time of its event."""
    told = lines(*events(""), ended())

    assert "08:53:20Z  seed 7: replica_kill on sticky-memory, compose engine (Docker answers)" == told[0]
    assert "08:53:22Z  steady, 5 s" == told[2]
    assert "08:53:27Z  kill on app-2, proven: exited with 137" in told
    assert "08:53:31Z  kill on app-2 taken back, NOT proven: still down" in told
    assert "08:53:32Z  verdict: fail. 97 were lost" == told[-1]


def test_ticks_are_told_every_few_seconds_only() -> None:
    """A CI's log is not filled with them."""
    begin = [*events("")[:1], PhaseBegan(at_ns=0, name=PhaseName.LOAD, seconds=60)]

    told = lines(*begin, *(tick(n * S // 2, 300, 0, "") for n in range(1, 41)))

    assert 4 == sum("operations/s" in line for line in told)
    assert "sessions: 300 alive, 0 gone, 1 unknown" in told[-1]


@pytest.mark.parametrize("shown", [lambda *e: "\n".join(lines(*e)), picture], ids=["plain", "live"])
def test_nothing_of_the_app_steers_the_terminal(shown: Callable[..., str]) -> None:
    """Escapes, titles, markup and control characters of names and evidence are text or nothing."""
    text = shown(*events(NASTY), ended(NASTY))

    assert "[red]x[/red]" in text
    assert "owned" not in text
    assert not CONTROLS.search(text)


def test_the_live_view_tells_where_the_run_is() -> None:
    """Phase, seconds left, rate, sessions, the fault with its proof, on few lines."""
    text = picture(*events(""), clock=StandingClock(9 * S))

    assert "▸fault" in text
    assert "2.00 s left" in text
    assert "301 operations/s" in text
    assert "203 alive  97 gone  1 unknown" in text
    assert "12 failed" in text
    assert "✗ 7.00 s: kill on app-2, proven: exited with 137" in text
    assert "? 11.0 s: kill on app-2 taken back, NOT proven: still down" in text
    assert len(text.splitlines()) <= 8


def test_a_new_run_starts_afresh() -> None:
    """Nothing of the run before is shown under the name of the next."""
    text = picture(*events(""), ended(), *events("")[:2])

    assert "137" not in text
    assert "97 gone" not in text


def test_the_last_picture_stays_and_tells_the_verdict() -> None:
    """Whoever comes back later still sees how it went."""
    assert "verdict: fail, promise kept  97 were lost" in picture(*events(""), ended())


@pytest.mark.parametrize("plain_terminal", [False, True], ids=["colours", "NO_COLOR"])
def test_a_real_terminal(monkeypatch: pytest.MonkeyPatch, plain_terminal: bool) -> None:
    """On a terminal the view is live; with NO_COLOR it has no colour. The cursor is given back."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    if plain_terminal:
        monkeypatch.setenv("NO_COLOR", "1")

    shown = on_a_terminal()

    assert "\x1b[?25l" in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")
    assert plain_terminal is not bool(re.search(r"\x1b\[[0-9;]*3[0-9][0-9;]*m", shown))


def test_a_dumb_terminal_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that cannot move its cursor is not asked to."""
    monkeypatch.setenv("TERM", "dumb")

    shown = on_a_terminal()

    assert "\x1b" not in shown
    assert "08:53:27Z  kill on app-2" in shown


def on_a_terminal() -> str:
    ours, theirs = pty.openpty()
    parts: list[bytes] = []
    reader = threading.Thread(target=read_all, args=(ours, parts))
    reader.start()
    with os.fdopen(theirs, "w") as out:
        watching = view(quiet=False, file=out, clock=StandingClock())
        for event in (*events(""), ended()):
            watching.see(event)
        watching.close()
    reader.join()
    os.close(ours)
    return b"".join(parts).decode()


def read_all(fd: int, parts: list[bytes]) -> None:
    while True:
        try:
            part = os.read(fd, 1 << 16)
        except OSError:  # the other side is closed: how Linux ends a terminal
            return
        if not part:
            return
        parts.append(part)


def test_the_end_shows_the_runs_side_by_side(invocation: Invocation, lossy: Made, clean: Made) -> None:
    """The table, the sentence, and where the report is."""
    out = io.StringIO()
    view(quiet=False, file=out).finish(invocation)
    text = out.getvalue()

    assert "sticky-memory" in text
    assert "redis-aof" in text
    for label in ("Sessions lost", "Acknowledged writes lost", "longest stall", "95 % upper bound", "Promise kept"):
        assert label in text
    assert f"Report: {invocation.path / 'index.html'}" in text


def test_quiet_says_only_how_it_went(invocation: Invocation, lossy: Made, clean: Made) -> None:
    """Two lines: the sentence and the report."""
    out = io.StringIO()
    watching = view(quiet=True, file=out)
    for event in (*events(""), ended()):
        watching.see(event)
    watching.finish(invocation)

    assert 2 == len(out.getvalue().splitlines())

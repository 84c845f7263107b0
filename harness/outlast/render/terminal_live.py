"""The live view: where the run is, how the load goes, what was harmed and the proof of it, on a few lines that stay."""

from __future__ import annotations

import threading
from typing import Final

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from outlast.archive.event import Event, RunBegan, RunEnded
from outlast.clock import Clock
from outlast.history.history import PhaseName
from outlast.render.plain import plain
from outlast.render.progress import Progress
from outlast.render.words import count, seconds

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_PER_SECOND: Final = 4
_SIGNS: Final = {"struck": ("✗", "bold red"), "healed": ("✓", "green"), "unproven": ("?", "bold yellow")}
_REPLICAS_MAX: Final = 8
_HAPPENINGS_MAX: Final = 6


class LiveView:
    """Redraws itself four times a second while a run goes on; the last picture of each run stays."""

    def __init__(self, console: Console, clock: Clock) -> None:
        self._console = console
        self._clock = clock
        self._progress = Progress()
        self._live: Live | None = None
        self._turn = threading.RLock()
        self._state = threading.Lock()
        # Two locks: Live draws from a thread of its own, which must never wait for someone who is stopping it.

    def see(self, event: Event) -> None:
        """Take one event in; it is on the screen within a quarter of a second."""
        with self._turn:
            if isinstance(event, RunBegan):
                self.close()
            with self._state:
                if isinstance(event, RunBegan):
                    self._progress = Progress()
                self._progress.see(event)
            if isinstance(event, RunEnded):
                self.close()
            elif self._live is None:
                self._live = Live(
                    get_renderable=self.picture,
                    console=self._console,
                    refresh_per_second=_PER_SECOND,
                    redirect_stdout=False,
                    redirect_stderr=False,
                )
                self._live.start()

    def close(self) -> None:
        """Leave the last picture and give the terminal back."""
        with self._turn:
            live, self._live = self._live, None
            if live is not None:
                live.stop()

    def picture(self) -> Group:
        """The state of the run as a few lines."""
        with self._state:
            now_ns = self._clock.now_ns()
            progress = self._progress
            lines = [_title(progress), _phases(progress, now_ns)]
            if progress.tick is not None:
                lines += _load(progress, self._console.width)
            for happening in progress.happenings[-_HAPPENINGS_MAX:]:
                sign, style = _SIGNS[happening.sign]
                lines.append(
                    Text.assemble((f"{sign} ", style), f"{_since_begin(progress, happening.at_ns)}{happening.text}")
                )
            if progress.ended is not None:
                lines.append(_end(progress.ended))
            return Group(*lines)


def _title(progress: Progress) -> Text:
    began = progress.began
    if began is None:
        return Text("Outlast", style="bold")
    why = f": {plain(began.engine_reason, 120)}" if began.engine_reason else ""
    return Text.assemble(
        (f"{plain(began.experiment, 60)} on {plain(began.architecture, 60)}", "bold"),
        (f"  seed {began.seed}, {plain(began.engine, 20)} engine{why}", "dim"),
    )


def _phases(progress: Progress, now_ns: int) -> Text:
    line = Text()
    current = progress.phase.name if progress.phase else None
    for name in PhaseName:
        if line:
            line.append(" · ", "dim")
        if name is current and progress.ended is None:
            line.append(f"▸{name.value}", "bold reverse" if name is PhaseName.FAULT else "bold")
        else:
            line.append(name.value, "" if name in progress.past or progress.ended else "dim")
    left = progress.left_s(now_ns)
    if progress.step:
        line.append(f"   {progress.step}")
    elif left is not None and progress.ended is None:
        line.append(f"   {seconds(left)} left")
    return line


def _load(progress: Progress, width: int) -> list[Text]:
    tick = progress.tick
    if tick is None:
        return []
    failed = (f"{count(tick.failed)} failed", "red" if tick.failed else "dim")
    curve = _curve(progress, max(8, width - 62))
    rate = f"{tick.per_second:>7,.0f} operations/s "
    sessions = Text.assemble(
        "sessions  ",
        (f"{count(tick.sessions_alive)} alive", "green"),
        "  ",
        (f"{count(tick.sessions_gone)} gone", "bold red" if tick.sessions_gone else "dim"),
        "  ",
        (f"{count(tick.sessions_unknown)} unknown", "yellow" if tick.sessions_unknown else "dim"),
    )
    shares = sorted(tick.per_replica.items())
    if shares:
        sessions.append("   last seen on ", "dim")
        sessions.append("  ".join(f"{plain(name, 24)} {count(n)}" for name, n in shares[:_REPLICAS_MAX]))
        if len(shares) > _REPLICAS_MAX:
            sessions.append(f"  and {len(shares) - _REPLICAS_MAX} more", "dim")
    return [Text.assemble(rate, curve, f"  {count(tick.operations)} in all, ", failed), sessions]


def _curve(progress: Progress, width: int) -> Text:
    rates = list(progress.rates)[-width:]
    top = max((rate for rate, _ in rates), default=0) or 1
    curve = Text()
    for rate, in_fault in rates:
        curve.append(_BLOCKS[min(len(_BLOCKS) - 1, int(rate / top * len(_BLOCKS)))], "red" if in_fault else "cyan")
    return curve


def _since_begin(progress: Progress, at_ns: int) -> str:
    if progress.began is None:
        return ""
    return f"{seconds((at_ns - progress.began.at_ns) / 1e9)}: "


def _end(ended: RunEnded) -> Text:
    style = {"pass": "bold green", "fail": "bold red"}.get(ended.verdict, "bold yellow")
    kept = {True: "promise kept", False: "promise broken", None: ""}[ended.kept]
    word = f"verdict: {plain(ended.verdict, 20)}" + (f", {kept}" if kept else "")
    return Text.assemble((word, style), f"  {plain(ended.sentence)}")

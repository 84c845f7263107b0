"""What the terminal shows: a live view where there is one, plain lines elsewhere, little when asked to be quiet."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Protocol, TextIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from outlast.archive.event import Event
from outlast.archive.invocation import Invocation
from outlast.checkers.verdict import Verdict
from outlast.clock import Clock, MonotonicClock
from outlast.render.figures import Figure
from outlast.render.index import INDEX_FILE
from outlast.render.side_by_side import SideBySide, sentence, side_by_side
from outlast.render.terminal_live import LiveView
from outlast.render.terminal_plain import PlainView

_WIDTH_WITHOUT_TERMINAL = 110
_COLUMNS_MAX = 4
_TONES = {"good": "green", "bad": "bold red", "unsure": "yellow"}
_SIGNS = {"good": "✓ ", "bad": "✗ ", "unsure": "? "}
_VERDICTS = {
    Verdict.PASS: "bold green",
    Verdict.FAIL: "bold red",
    Verdict.INCONCLUSIVE: "bold yellow",
    Verdict.ERROR: "bold magenta",
}


class Watching(Protocol):
    """Something that follows a run event by event."""

    def see(self, event: Event) -> None:
        """Show one event; called from any thread."""
        ...

    def close(self) -> None:
        """Stop; the last screen stays."""
        ...


class View:
    """Follows the runs of an invocation, and closes with all of them side by side."""

    def __init__(self, console: Console, watching: Watching | None) -> None:
        self._console = console
        self._watching = watching

    def see(self, event: Event) -> None:
        """Show one event; called from any thread."""
        if self._watching is not None:
            self._watching.see(event)

    def close(self) -> None:
        """Give the terminal back; the last screen stays. May be called more than once."""
        if self._watching is not None:
            self._watching.close()

    def finish(self, invocation: Invocation) -> None:
        """Close, then the runs side by side and where the report is; when quiet, one sentence and the report."""
        self.close()
        side = side_by_side(invocation)
        if self._watching is not None:
            show_side_by_side(self._console, side)
        self._console.print(Text(sentence(side), style=_VERDICTS[side.come_to]), soft_wrap=True)
        self._console.print(Text(f"Report: {_report(invocation, side)}"), soft_wrap=True)


def view(*, quiet: bool, file: TextIO | None = None, clock: Clock | None = None) -> View:
    """The view that fits the place: live on a terminal, lines elsewhere and on a dumb terminal; NO_COLOR is heeded."""
    out = file or sys.stdout
    terminal = out.isatty()
    console = Console(file=out, highlight=False, width=None if terminal else _WIDTH_WITHOUT_TERMINAL)
    if quiet:
        return View(console, None)
    if terminal and not console.is_dumb_terminal:
        return View(console, LiveView(console, clock or MonotonicClock()))
    return View(console, PlainView(out))


def show_side_by_side(console: Console, side: SideBySide) -> None:
    """The table that every run ends with; at most four runs beside one another, then the next four."""
    for start in range(0, len(side.columns), _COLUMNS_MAX):
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
        table.add_column("")
        for column in side.columns[start : start + _COLUMNS_MAX]:
            table.add_column(Text(column.name), overflow="fold")
        for row in side.rows:
            cells = row.cells[start : start + _COLUMNS_MAX]
            table.add_row(Text(row.label), *(_cell(cell) for cell in cells))
        console.print()
        console.print(table)
    console.print()


def _cell(figure: Figure) -> Text:
    text = Text(_SIGNS.get(figure.tone, "") + figure.value, style=_TONES.get(figure.tone, ""))
    if figure.note:
        text.append(f"\n{figure.note}", style="dim")
    return text


def _report(invocation: Invocation, side: SideBySide) -> Path:
    """The index where there is something to compare, else the one report; as short as the working directory allows."""
    path = invocation.path / (side.columns[0].report if len(side.columns) == 1 else INDEX_FILE)
    try:
        return path.resolve().relative_to(Path.cwd())
    except ValueError:
        return path

"""index.html of one invocation: its runs side by side, with a picture of each and the way to its report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from outlast.archive.invocation import Invocation
from outlast.archive.run import RunFolder
from outlast.render.chart import Chart, chart_of
from outlast.render.pages import page
from outlast.render.plain import plain
from outlast.render.reading import read
from outlast.render.side_by_side import Column, SideBySide, sentence, side_by_side
from outlast.render.timeline import timeline_of

INDEX_FILE: Final = "index.html"
_PICTURES_MAX: Final = 24


@dataclass(frozen=True, slots=True)
class _Picture:
    """One run with its curves; None when they could not be read."""

    column: Column
    chart: Chart | None


def write_index(invocation: Invocation) -> Path:
    """Draw an invocation from disk alone -> its index.html, replaced in one step."""
    path = invocation.path / INDEX_FILE
    draft = invocation.path / f".{INDEX_FILE}"
    draft.write_text(index(invocation), encoding="utf-8")
    draft.replace(path)
    return path


def index(invocation: Invocation) -> str:
    """Invocation -> one self-contained page. Cost: reads the history of up to 24 runs."""
    side = side_by_side(invocation)
    charts = [_chart(run) for run in invocation.runs[:_PICTURES_MAX]]
    charts += [None] * (len(side.columns) - len(charts))
    return page(
        "index.html.j2",
        data={},
        side=side,
        sentence=sentence(side),
        pictures=[_Picture(column, chart) for column, chart in zip(side.columns, charts, strict=True)],
        experiments=_experiments(side),
        seeds=sorted({column.document.seed for column in side.columns if column.document.seed is not None}),
        name=plain(invocation.path.name, 120),
    )


def _chart(run: RunFolder) -> Chart | None:
    reading = read(run)
    timeline = timeline_of(reading.history) if reading.history else None
    return chart_of(reading, timeline) if timeline else None


def _experiments(side: SideBySide) -> tuple[str, ...]:
    return tuple(dict.fromkeys(column.document.experiment for column in side.columns if column.document.experiment))

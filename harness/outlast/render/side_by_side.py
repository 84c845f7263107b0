"""The runs of one invocation beside one another: the rows that terminal, summary.md and index.html show alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from outlast.archive.invocation import Invocation
from outlast.archive.run import REPORT_FILE
from outlast.checkers.verdict import Verdict, gravest
from outlast.render.document import Document
from outlast.render.figures import Figure, figures
from outlast.render.headline import Headline, headline, lost_sessions
from outlast.render.plain import plain
from outlast.render.reading import document_at
from outlast.render.words import count, listed, several

_NAMED_MAX: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One run. `report` is the path of its report within the invocation, with forward slashes."""

    name: str
    folder: str
    document: Document
    headline: Headline
    report: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure of every run, in the order of the columns."""

    key: str
    label: str
    cells: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySide:
    """All runs of an invocation."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def come_to(self) -> Verdict:
        """What the exit code follows, the gravest of all runs."""
        return gravest(column.document.come_to for column in self.columns)


def side_by_side(invocation: Invocation) -> SideBySide:
    """Invocation -> its runs beside one another; a run that cannot be read is an error among the others."""
    columns = []
    for run in invocation.runs:
        document = document_at(run)
        columns.append(
            Column(
                name=document.architecture or plain(run.path.name, 80),
                folder=run.path.name,
                document=document,
                headline=headline(document),
                report=f"{run.path.name}/{REPORT_FILE}",
                figures=figures(document),
            )
        )
    return SideBySide(columns=tuple(columns), rows=_rows(columns))


def sentence(side: SideBySide) -> str:
    """What the runs come to together, in one sentence."""
    if not side.columns:
        return "No run was made."
    if len(side.columns) == 1:
        return side.columns[0].headline.sentence
    total = several(len(side.columns), "run")
    if side.come_to is Verdict.PASS:
        promised = all(column.document.has_promise for column in side.columns)
        who = "Both runs" if len(side.columns) == 2 else f"All {total}"
        return f"{who} {'did what was declared for them' if promised else 'passed'}{_losses(side)}."
    bad = [column for column in side.columns if column.document.come_to is side.come_to]
    what = {
        Verdict.FAIL: "did not do what was declared" if bad[0].document.has_promise else "failed",
        Verdict.INCONCLUSIVE: "proved nothing",
        Verdict.ERROR: "did not come to an end",
    }[side.come_to]
    return f"{len(bad)} of {total} {what}: {listed(tuple(column.name for column in bad))}."


def _losses(side: SideBySide) -> str:
    """What each of a few runs lost: `: sticky-memory lost 100 of 350 sessions, redis-aof none`."""
    if len(side.columns) > _NAMED_MAX:
        return ""
    parts = []
    for column in side.columns:
        lost, of = lost_sessions(column.document), column.document.counts.get("sessions")
        share = f"{count(lost)} of {several(of, 'session')}" if of else several(lost, "session")
        parts.append(f"{column.name} lost {share if lost else 'none'}")
    return f": {', '.join(parts)}"


def _rows(columns: Sequence[Column]) -> tuple[Row, ...]:
    if not columns:
        return ()
    return tuple(
        Row(key=cells[0].key, label=cells[0].label, cells=tuple(cells))
        for cells in zip(*(column.figures for column in columns), strict=True)
    )

"""The lab's table as a page, as Markdown and as JSON: architecture x fault, each cell with the run behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from outlast.archive.lab_table import Cell, Table
from outlast.archive.run import REPORT_FILE
from outlast.checkers.word import MEANING, Word
from outlast.render.pages import page

RUNS: Final = "lab"
"""The folder inside the reports folder that the lab's runs are in."""
_TONES: Final = {Word.OK: "good", Word.OUT: "unsure", Word.NONE: "neutral"}


@dataclass(frozen=True, slots=True)
class Square:
    """One cell as it is drawn. word: the measured one, else the predicted in brackets. report: None where its run is
    not on this disk."""

    word: str
    tone: str
    note: str
    differs: bool
    says: str
    report: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One architecture."""

    architecture: str
    number: int | None
    squares: tuple[Square | None, ...]


def write_matrix(table: Table, reports: Path) -> Path:
    """Table -> reports/matrix.html, replaced in one step."""
    reports.mkdir(parents=True, exist_ok=True)
    path = reports / "matrix.html"
    draft = reports / ".matrix.html"
    draft.write_text(matrix_page(table, reports), encoding="utf-8")
    draft.replace(path)
    return path


def matrix_page(table: Table, reports: Path) -> str:
    """Table -> one self-contained page; cells lead to those reports that are there."""
    cells = [cell for _, _, cell in table.each()]
    applying = [cell for cell in cells if cell.applies]
    return page(
        "matrix.html.j2",
        data={},
        columns=list(table.columns.items()),
        lines=_lines(table, table.columns, reports),
        claims=[(name, claim, _report(claim.run, reports)) for name, claim in table.claims.items()],
        meaning=[(word.value, meaning) for word, meaning in MEANING.items()],
        measured=sum(cell.measured is not None for cell in applying),
        applying=len(applying),
        differing=sum(cell.differs for cell in applying),
    )


def matrix_markdown(table: Table, columns: Sequence[str] | None = None) -> str:
    """Table -> Markdown; `columns` (default: all) in this order. An unmeasured cell is in brackets."""
    chosen = list(columns or table.columns)
    titles = [table.columns[name] for name in chosen]
    rows = [f"| architecture | {' | '.join(titles)} |", "|---" * (len(chosen) + 1) + "|"]
    for line in _lines(table, chosen, None):
        words = [_in_words(square) for square in line.squares]
        rows.append(f"| `{line.architecture}` | {' | '.join(words)} |")
    return "\n".join(rows)


def claims_markdown(table: Table) -> str:
    """The claims and what became of them -> Markdown."""
    rows = ["| claim | says | result | figure |", "|---|---|---|---|"]
    rows += [f"| {name} | {claim.says} | {claim.result} | {claim.figure} |" for name, claim in table.claims.items()]
    return "\n".join(rows)


def matrix_document(table: Table) -> dict[str, Any]:
    """Table -> what `outlast matrix --json` prints (formats.md 5)."""
    return {
        "cells": [
            {
                "architecture": architecture,
                "fault": experiment,
                "predicted": cell.predicted.value,
                "measured": cell.measured.word.value if cell.measured else None,
                "shows": [anomaly.value for anomaly in cell.measured.shows] if cell.measured else [],
                "engine": cell.measured.engine if cell.measured else None,
                "run": cell.measured.run if cell.measured else None,
                "why": cell.why,
                "set": cell.set,
            }
            for architecture, experiment, cell in table.each()
        ],
        "claims": [
            {"id": name, "result": claim.result, "figure": claim.figure, "run": claim.run or None, "says": claim.says}
            for name, claim in table.claims.items()
        ],
    }


def _lines(table: Table, columns: Sequence[str] | dict[str, str], reports: Path | None) -> list[Line]:
    lines = []
    for architecture, number in table.rows.items():
        cells = table.cells.get(architecture, {})
        squares = tuple(_square(cells.get(experiment), reports) for experiment in columns)
        if any(squares):
            lines.append(Line(architecture, number, squares))
    return lines


def _square(cell: Cell | None, reports: Path | None) -> Square | None:
    if cell is None:
        return None
    found = cell.measured
    word = found.word if found else cell.predicted
    says = [MEANING.get(word) or f"shows {word.value}"] if isinstance(word, Word) else [f"shows {word.value}"]
    if found:
        says.append(f"{found.lost} of {found.sessions} sessions, {found.exposed} on the victim")
        says.append(f"{found.on}, {found.engine}, seed {found.seed}")
    if cell.why:
        says.append(cell.why)
    return Square(
        word=word.value,
        tone=_TONES.get(word, "bad") if isinstance(word, Word) else "bad",
        note=f"predicted {cell.predicted.value}"
        if cell.differs
        else ""
        if found or not cell.applies
        else "not measured",
        differs=cell.differs,
        says="; ".join(says),
        report=_report(found.run, reports) if found else None,
    )


def _report(run: str, reports: Path | None) -> str | None:
    there = bool(run) and reports is not None and (reports / RUNS / run / REPORT_FILE).is_file()
    return f"{RUNS}/{run}/{REPORT_FILE}" if there else None


def _in_words(square: Square | None) -> str:
    if square is None:
        return ""
    if square.note == "not measured":
        return f"({square.word})"
    return f"{square.word} ({square.note})" if square.differs else square.word

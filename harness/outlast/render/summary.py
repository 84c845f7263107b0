"""summary.md: what a CI job shows on its page, as Markdown that an app's strings cannot break out of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from outlast.archive.invocation import Invocation
from outlast.checkers.verdict import Verdict
from outlast.render.document import Document
from outlast.render.figures import Figure
from outlast.render.gate_rows import gate_rows
from outlast.render.plain import plain
from outlast.render.side_by_side import Column, SideBySide, sentence, side_by_side

SUMMARY_FILE: Final = "summary.md"
BYTES_MAX: Final = 1_000_000
"""A little under the 1 MiB that GitHub takes."""
_WITNESSES_MAX: Final = 20
_RUNS_MAX: Final = 50
_SIGNS: Final = {Verdict.PASS: "✅", Verdict.FAIL: "❌", Verdict.INCONCLUSIVE: "❔", Verdict.ERROR: "⚠️"}
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]()#+!|~<>&@:.-])")


def write_summary(invocation: Invocation) -> Path:
    """Invocation -> its summary.md."""
    path = invocation.path / SUMMARY_FILE
    path.write_text(summary(side_by_side(invocation)), encoding="utf-8")
    return path


def summary(side: SideBySide) -> str:
    """Runs -> Markdown of at most BYTES_MAX bytes; what does not fit is left out and said."""
    parts = [f"# {_SIGNS[side.come_to]} {escaped(sentence(side))}\n", _table(side)]
    parts += [_run(column) for column in side.columns[:_RUNS_MAX]]
    if len(side.columns) > _RUNS_MAX:
        parts.append(f"Showing {_RUNS_MAX} of {len(side.columns)} runs.\n")
    return _within("\n".join(parts))


def escaped(text: str) -> str:
    """Text -> Markdown that shows just this text: no link, no mention, no HTML, no table cell broken."""
    return (
        _SPECIAL.sub(r"\\\1", plain(text, 2000)).replace("\\<", "&lt;").replace("\\>", "&gt;").replace("\\&", "&amp;")
    )


def _table(side: SideBySide) -> str:
    if not side.columns:
        return ""
    lines = [_line(["", *(column.name for column in side.columns)]), "|---|" + "---|" * len(side.columns)]
    lines += [_line([row.label, *(_cell(cell) for cell in row.cells)]) for row in side.rows]
    return "\n".join(lines) + "\n"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(escaped(cell) for cell in cells) + " |"


def _cell(figure: Figure) -> str:
    return f"{figure.value} ({figure.note})" if figure.note else figure.value


def _run(column: Column) -> str:
    document, head = column.document, column.headline
    lines = [f"## {_SIGNS[document.come_to]} {escaped(column.name)}", "", escaped(head.sentence)]
    if head.promise:
        lines += ["", escaped(head.promise)]
    unmet = [row for row in gate_rows(document) if row.ok is False]
    if unmet:
        lines += ["", *(f"- {escaped(f'{row.name}: {row.value}, allowed {row.limit}')}" for row in unmet)]
    lines += _witnesses(document)
    lines += ["", f"Report: `{_code(column.report)}`", ""]
    return "\n".join(lines)


def _witnesses(document: Document) -> list[str]:
    shown, total = document.telling_witnesses[:_WITNESSES_MAX], document.session_findings
    if not shown:
        return []
    told = f"Witnesses, showing {len(shown)} of {total} findings" if len(shown) < total else "Witnesses"
    lines = ["", f"<details><summary>{told}</summary>", ""]
    lines += [f"- {escaped(f'{w.anomaly}, {plain(w.session, 60)}: {w.because}')}" for w in shown]
    return [*lines, "", "</details>"]


def _code(text: str) -> str:
    return plain(text).replace("`", "'")


def _within(text: str) -> str:
    encoded = text.encode()
    if len(encoded) <= BYTES_MAX:
        return text
    note = "\n\nThe rest did not fit here; the reports have it.\n"
    return encoded[: BYTES_MAX - len(note)].decode(errors="ignore") + note

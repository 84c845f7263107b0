"""What the nodes printed around a fault, cut out of their logs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from outlast.render.plain import plain

BEFORE_S: Final = 1.5
AFTER_S: Final = 3.0
LINES_MAX: Final = 40
_READ_MAX: Final = 8_000_000
"""Bytes read of one log, from its end."""
_STAMP: Final = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d)?")
_STAMP_WITHIN: Final = 40


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `after_s` the fault, None when the node does not stamp its lines."""

    after_s: float | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A node's lines around the fault; `of`: how many that stretch has; `stamped`: whether times were found."""

    node: str
    lines: tuple[Line, ...]
    of: int
    stamped: bool
    struck: bool


def excerpts(
    logs: Mapping[str, Path], onset_wall_ns: int | None, end_wall_ns: int | None, struck: Iterable[str]
) -> tuple[Excerpt, ...]:
    """Logs -> excerpts, the struck nodes first.

    From BEFORE_S before the onset to AFTER_S after the end of the fault; the last lines of a log without times.
    """
    victims = set(struck)
    found = [_excerpt(node, path, onset_wall_ns, end_wall_ns, node in victims) for node, path in logs.items()]
    return tuple(sorted((e for e in found if e.lines), key=lambda e: (not e.struck, e.node)))


def _excerpt(node: str, path: Path, onset_ns: int | None, end_ns: int | None, struck: bool) -> Excerpt:
    lines = _tail(path)
    stamped = [(stamp, line) for line in lines if (stamp := _wall_ns(line)) is not None]
    if onset_ns is None or not stamped:
        last = tuple(Line(None, plain(line)) for line in lines[-LINES_MAX:])
        return Excerpt(node=plain(node, 80), lines=last, of=len(lines), stamped=False, struck=struck)
    until_ns = (onset_ns if end_ns is None else end_ns) + int(AFTER_S * 1e9)
    near = [(s, line) for s, line in stamped if onset_ns - int(BEFORE_S * 1e9) <= s <= until_ns]
    shown = tuple(Line((s - onset_ns) / 1e9, plain(_unstamped(line))) for s, line in _middle(near, onset_ns))
    return Excerpt(node=plain(node, 80), lines=shown, of=len(near), stamped=True, struck=struck)


def _middle(near: list[tuple[int, str]], onset_ns: int) -> list[tuple[int, str]]:
    """The LINES_MAX lines that begin shortly before the onset."""
    first = sum(stamp < onset_ns for stamp, _ in near)
    start = max(0, min(first - LINES_MAX // 4, len(near) - LINES_MAX))
    return near[start : start + LINES_MAX]


def _tail(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _READ_MAX))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    return [line for line in text.split("\n") if line.strip()]


def _wall_ns(line: str) -> int | None:
    stamp = _STAMP.search(line[:_STAMP_WITHIN])
    if stamp is None:
        return None
    day, clock, fraction, zone = stamp.groups()
    zone = "+00:00" if zone in (None, "Z") else zone
    try:
        whole = datetime.fromisoformat(f"{day}T{clock}{zone}")
    except ValueError:
        return None
    return int(whole.timestamp()) * 1_000_000_000 + int((fraction or "0").ljust(9, "0"))


def _unstamped(line: str) -> str:
    """Without a stamp at its very beginning: the column beside it tells the time."""
    stamp = _STAMP.match(line)
    return line[stamp.end() :] if stamp else line

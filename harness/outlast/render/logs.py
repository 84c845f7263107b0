"""What the nodes printed around a fault, cut out of their logs."""

from __future__ import annotations

import re
from calendar import month_abbr
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from outlast.render.plain import plain

BEFORE_S: Final = 1.5
AFTER_S: Final = 3.0
LINES_MAX: Final = 40
RARE_MAX: Final = 5
"""A kind of line that occurs so often or less is worth more than the many."""
_READ_MAX: Final = 8_000_000
"""Bytes read of one log, from its end."""
_STAMP: Final = re.compile(
    r"(?:(?P<day>\d{4}-\d\d-\d\d)[T ]|(?P<date>\d\d)/(?P<month>[A-Z][a-z]{2})/(?P<year>\d{4}):)"
    r"(?P<time>\d\d:\d\d:\d\d)(?:[.,](?P<fraction>\d{1,9}))?\s?(?P<zone>Z|[+-]\d\d:?\d\d)?"
)
"""ISO 8601 as Docker and Python write it, and the form of HAProxy, Apache and nginx; UTC where no zone is told."""
_MONTHS: Final = {name: number for number, name in enumerate(month_abbr) if name}
_CHANGING: Final = re.compile(r"[0-9a-f]*\d[0-9a-f]*")
_STAMP_WITHIN: Final = 80


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
    times = _times(lines)
    if onset_ns is None or not any(times):
        last = tuple(Line(None, plain(line)) for line in lines[-LINES_MAX:])
        return Excerpt(node=plain(node, 80), lines=last, of=len(lines), stamped=False, struck=struck)
    until_ns = (onset_ns if end_ns is None else end_ns) + int(AFTER_S * 1e9)
    near = [(at, line) for at, line in zip(times, lines, strict=True) if onset_ns - BEFORE_S * 1e9 <= at <= until_ns]
    shown = tuple(Line((at - onset_ns) / 1e9, plain(_unstamped(line))) for at, line in _telling(near, onset_ns))
    return Excerpt(node=plain(node, 80), lines=shown, of=len(near), stamped=True, struck=struck)


def _telling(near: list[tuple[int, str]], onset_ns: int) -> list[tuple[int, str]]:
    """At most LINES_MAX: first the rare ones (a server that goes down among a thousand requests), then the nearest."""
    shapes = Counter(_shape(line) for _, line in near)
    rank = sorted(range(len(near)), key=lambda n: (shapes[_shape(near[n][1])] > RARE_MAX, abs(near[n][0] - onset_ns)))
    return [near[n] for n in sorted(rank[:LINES_MAX])]


def _shape(line: str) -> str:
    """The line without what changes from one to the next of its kind."""
    return _CHANGING.sub("#", line)[:120]


def _tail(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _READ_MAX))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    return [line for line in text.split("\n") if line.strip()]


def _times(lines: list[str]) -> list[int]:
    """Wall-clock nanoseconds per line; a line without a time has that of the one before it, 0 before the first."""
    times, last = [], 0
    for line in lines:
        last = _wall_ns(line) or last
        times.append(last)
    return times


def _wall_ns(line: str) -> int | None:
    stamp = _STAMP.search(line[:_STAMP_WITHIN])
    if stamp is None:
        return None
    month = _MONTHS.get(stamp["month"] or "", 0)
    day = stamp["day"] or f"{stamp['year']}-{month:02}-{stamp['date']}"
    zone = "+00:00" if stamp["zone"] in (None, "Z") else stamp["zone"]
    try:
        whole = datetime.fromisoformat(f"{day}T{stamp['time']}{zone}")
    except ValueError:
        return None
    return int(whole.timestamp()) * 1_000_000_000 + int((stamp["fraction"] or "0").ljust(9, "0"))


def _unstamped(line: str) -> str:
    """Without a stamp at its very beginning: the column beside it tells the time."""
    stamp = _STAMP.match(line)
    return line[stamp.end() :] if stamp else line

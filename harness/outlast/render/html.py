"""report.html of one run: the verdict first, then everything that a doubter asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from outlast.archive.run import REPORT_FILE, RunFolder
from outlast.render.affected import Affected, affected_of
from outlast.render.by_phase import by_phase
from outlast.render.chart import chart_of, times_of
from outlast.render.document import Document
from outlast.render.figures import Figure, figures
from outlast.render.found import finds_of
from outlast.render.gate_rows import gate_rows
from outlast.render.headline import headline
from outlast.render.lanes import Lanes, lanes_of
from outlast.render.logs import Excerpt, excerpts
from outlast.render.pages import page
from outlast.render.plain import plain
from outlast.render.reading import Reading, read
from outlast.render.story import Story, in_words, story_of
from outlast.render.timeline import Timeline, timeline_of
from outlast.render.words import seconds, since

STORIES_MAX: Final = 100
_OPEN_MAX: Final = 3
_TILES: Final = ("lost_sessions", "lost_writes", "failed_requests", "recovery", "on_victim", "sessions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One affected session on the page; `anchor` is its id there; `open`: told without being asked."""

    anchor: str
    one: Affected
    story: Story | None
    words: str
    open: bool


def write_report(run: RunFolder) -> Path:
    """Draw a run from disk alone -> its report.html, replaced in one step. Cost: 2 s for 1 M operations."""
    path = run.path / REPORT_FILE
    draft = run.path / f".{REPORT_FILE}"
    draft.write_text(report(read(run)), encoding="utf-8")
    draft.replace(path)
    return path


def report(reading: Reading) -> str:
    """Reading -> one self-contained HTML page."""
    document, history = reading.document, reading.history
    timeline = timeline_of(history) if history else None
    times = times_of(reading, timeline) if timeline else None
    finds = finds_of(reading)
    sessions = affected_of(finds.findings, history)
    entries = _entries(reading, sessions)
    lanes = lanes_of(sessions, times) if times else None
    return page(
        "report.html.j2",
        data={
            "timeline": _curves(reading, timeline) if timeline else None,
            "lanes": _lane_rows(lanes, entries, sessions, reading) if lanes else None,
            "stories": {entry.anchor: _drawing(entry.story) for entry in entries if entry.story},
        },
        reading=reading,
        document=document,
        plan=reading.plan,
        headline=headline(document),
        tiles=_tiles(document),
        gates=gate_rows(document),
        chart=chart_of(reading, timeline) if timeline else None,
        phases=by_phase(history) if history else (),
        times=times,
        lanes=lanes,
        entries=entries,
        finds=finds,
        drawn=len(lanes.shown) if lanes else 0,
        excerpts=_excerpts(reading),
        folder="/".join(plain(part, 120) for part in reading.path.parts[-2:]),
        began=_began(reading),
    )


def _tiles(document: Document) -> tuple[Figure, ...]:
    known = {figure.key: figure for figure in figures(document)}
    return tuple(known[key] for key in _TILES)


def _entries(reading: Reading, sessions: tuple[Affected, ...]) -> tuple[Entry, ...]:
    """The first STORIES_MAX, and the first of each kind of anomaly whatever its place; a few of those are told open."""
    firsts: dict[str, int] = {}
    for place, one in enumerate(sessions):
        firsts.setdefault(one.anomalies[0], place)
    others = [place for place in range(len(sessions)) if place not in firsts.values()]
    places = sorted([*firsts.values(), *others[: STORIES_MAX - len(firsts)]])
    return tuple(
        Entry(
            anchor=f"session-{place + 1}",
            one=sessions[place],
            story=story_of(sessions[place], reading.history, reading.zero_ns) if reading.history else None,
            words=in_words(sessions[place], reading.history) if reading.history else "",
            open=place in sorted(firsts.values())[:_OPEN_MAX],
        )
        for place in places
    )


def _curves(reading: Reading, timeline: Timeline) -> dict[str, Any]:
    """What the script reads out at a point in time."""
    per_second = 1e9 / timeline.width_ns
    return {
        "start": round((timeline.start_ns - reading.zero_ns) / 1e9, 3),
        "width": timeline.width_ns / 1e9,
        "answered": _numbers(timeline.answered * per_second, 0),
        "failed": _numbers(timeline.failed * per_second, 0),
        "p50": _numbers(timeline.p50_ms, 1),
        "p99": _numbers(timeline.p99_ms, 1),
        "max": _numbers(timeline.max_ms, 1),
        "alive": timeline.alive.tolist(),
        "gone": timeline.gone.tolist(),
        "replicas": list(timeline.replicas),
        "answers": timeline.answers.tolist(),
    }


def _numbers(values: NDArray[np.floating[Any]], digits: int) -> list[float | int | None]:
    rounded = np.round(values, digits).tolist()
    return [None if value != value else int(value) if value == int(value) else value for value in rounded]


def _lane_rows(
    lanes: Lanes, entries: tuple[Entry, ...], sessions: tuple[Affected, ...], reading: Reading
) -> dict[str, Any]:
    """Row by row: what hovering tells, and the anchor that a click leads to, null where the page has no story."""
    anchors = {entry.one.session: entry.anchor for entry in entries}
    onset_ns = reading.faults[0].start_ns if reading.faults else None
    rows = []
    for place in lanes.shown:
        one = sessions[place]
        told = f"{one.name}: {', '.join(one.anomalies)}"
        if one.gone_ns is not None and onset_ns is not None:
            told += f", first seen gone {since((one.gone_ns - onset_ns) / 1e9)} after the fault"
        rows.append([told, anchors.get(one.session)])
    return {"row": lanes.row_px, "rows": rows}


def _drawing(story: Story) -> dict[str, Any]:
    """What the script draws: lanes; bands as label, lane, first and last beat; beats as mark, lane, proof, words."""
    return {
        "lanes": story.lanes,
        "bands": [(band.label, band.place, band.start, band.end) for band in story.bands],
        "beats": [
            (
                beat.mark,
                beat.place,
                int(beat.proves),
                beat.what,
                seconds(beat.at_s) if beat.after_s is None else since(beat.after_s),
            )
            for beat in story.beats
        ],
    }


def _excerpts(reading: Reading) -> tuple[Excerpt, ...]:
    began, faults = reading.began, reading.faults
    struck = [node for fault in faults for node in fault.nodes]
    if began is None or not faults:
        return excerpts(reading.logs, None, None, struck)
    ahead_ns = began.wall_ns - began.at_ns
    ends = [fault.end_ns for fault in faults if fault.end_ns is not None]
    end_ns = max(ends) + ahead_ns if ends else None
    return excerpts(reading.logs, min(fault.start_ns for fault in faults) + ahead_ns, end_ns, struck)


def _began(reading: Reading) -> str:
    """The wall-clock time of the run's first event."""
    if reading.began is None:
        return ""
    return datetime.fromtimestamp(reading.began.wall_ns // 1_000_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")

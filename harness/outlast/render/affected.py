"""The sessions that something happened to: when each was alive and when it was gone, sorted by what happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from outlast.checkers.anomaly import Anomaly
from outlast.history.columns import ABSENT, JARS, NEVER, SEEN, VIAS, Bytes, Columns, Ints
from outlast.history.history import History
from outlast.history.operation import VIA_BALANCER, Jar, Seen
from outlast.render.document import Found
from outlast.render.plain import plain
from outlast.render.timeline import seen_or_logged_in

LANES_MAX: Final = 2000
"""More affected sessions than this are not looked up in the history."""
_SPANS_MAX: Final = 12
_ORDER: Final = {anomaly.value: place for place, anomaly in enumerate(Anomaly)}


@dataclass(frozen=True, slots=True)
class Span:
    """From one answer to another the session was seen `alive`, or `gone`; `blind` between two answers that differ."""

    state: str
    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """One session. `rows`: all its operations, positions in the history, in the order in which they were sent."""

    session: str
    findings: tuple[Found, ...]
    rows: Ints
    spans: tuple[Span, ...] = ()
    home: str = ""
    """The replica of the last answer that saw it alive before it was gone."""

    @property
    def name(self) -> str:
        """Fit to be shown."""
        return plain(self.session, 60)

    @property
    def anomalies(self) -> tuple[str, ...]:
        """What happened, gravest first, each once."""
        return tuple(dict.fromkeys(finding.anomaly for finding in self.findings))

    @property
    def gone_ns(self) -> int | None:
        """When the first answer came that did not see it alive any more."""
        return next((span.start_ns for span in self.spans if span.state == "gone"), None)

    @property
    def alive_ns(self) -> int | None:
        """When the last answer came that saw it alive, before it was gone for the first time."""
        told = [span.end_ns for span in self.spans if span.state == "alive"]
        return told[0] if told else None


def affected_of(findings: Iterable[Found], history: History | None) -> tuple[Affected, ...]:
    """Findings -> the sessions they are about, by what happened and when. Cost: linear in the history."""
    told: dict[str, list[Found]] = {}
    for finding in findings:
        if finding.session:
            told.setdefault(finding.session, []).append(finding)
    ranked = sorted(told, key=lambda name: min(_rank(finding) for finding in told[name]))[:LANES_MAX]
    rows = _rows_of(history.columns, ranked) if history else {}
    seen = seen_or_logged_in(history.columns) if history else np.zeros(0, np.uint8)
    sessions = [
        Affected(
            session=name,
            findings=tuple(sorted(told[name], key=_rank)),
            rows=rows.get(name, np.zeros(0, np.int64)),
            spans=_spans(history.columns, seen, rows[name]) if history and name in rows else (),
            home=_home(history.columns, seen, rows[name]) if history and name in rows else "",
        )
        for name in ranked
    ]
    sessions.sort(key=lambda one: (_rank(one.findings[0]), one.gone_ns or 0, one.session))
    return tuple(sessions)


def _rank(finding: Found) -> tuple[bool, int]:
    return finding.allowed, _ORDER.get(finding.anomaly, len(_ORDER))


def _rows_of(columns: Columns, names: Iterable[str]) -> dict[str, Ints]:
    wanted = set(names)
    codes = [code for code in range(len(columns.sessions)) if columns.sessions[code] in wanted]
    is_wanted = np.zeros(max(1, len(columns.sessions)), bool)
    is_wanted[codes] = True
    rows = np.flatnonzero(is_wanted[columns.session]) if len(columns) else np.zeros(0, np.int64)
    rows = rows[np.lexsort((columns.invoked_ns[rows], columns.session[rows]))]
    owners = columns.session[rows]
    starts = np.searchsorted(owners, codes, "left")
    ends = np.searchsorted(owners, codes, "right")
    return {columns.sessions[code]: rows[start:end] for code, start, end in zip(codes, starts, ends, strict=True)}


def _telling(columns: Columns, seen: Bytes, rows: Ints) -> Ints:
    """Those whose answer showed what became of the session that a browser has, by the time of the answer."""
    tells = (seen[rows] > 0) & (columns.via[rows] == VIAS.index(VIA_BALANCER))
    tells &= (columns.jar[rows] == JARS.index(Jar.BROWSER)) & (columns.returned_ns[rows] != NEVER)
    told: Ints = rows[tells][np.argsort(columns.returned_ns[rows[tells]], kind="stable")]
    return told


def _spans(columns: Columns, seen: Bytes, rows: Ints) -> tuple[Span, ...]:
    told = _telling(columns, seen, rows)
    if not len(told):
        return ()
    alive = seen[told] == SEEN.index(Seen.ALIVE)
    starts = np.concatenate(([0], np.flatnonzero(alive[1:] != alive[:-1]) + 1))
    ends = np.concatenate((starts[1:] - 1, [len(told) - 1]))
    spans: list[Span] = []
    for start, end in list(zip(starts, ends, strict=True))[:_SPANS_MAX]:
        first, last = int(columns.returned_ns[told[start]]), int(columns.returned_ns[told[end]])
        if spans:
            spans.append(Span("blind", spans[-1].end_ns, first))
        spans.append(Span("alive" if alive[start] else "gone", first, last))
    return tuple(spans)


def _home(columns: Columns, seen: Bytes, rows: Ints) -> str:
    told = _telling(columns, seen, rows)
    alive = seen[told] == SEEN.index(Seen.ALIVE)
    gone = np.flatnonzero(~alive)
    before = told[: gone[0]] if len(gone) else told
    named = before[columns.replica[before] != ABSENT]
    return plain(columns.nodes[int(columns.replica[named[-1]])], 40) if len(named) else ""

"""The few numbers that a run comes to: the same ones in terminal, summary, index and report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from outlast.checkers.verdict import Verdict
from outlast.render.document import Document
from outlast.render.headline import SESSION_LOSSES, WRITE_LOSSES, lost_sessions, lost_writes
from outlast.render.words import count, milliseconds, seconds, several, share

GOOD: Final = "good"
BAD: Final = "bad"
NEUTRAL: Final = "neutral"
UNSURE: Final = "unsure"
_COUNTED_IN: Final = {
    "lost_sessions": "#sessions",
    "lost_writes": "#sessions",
    "failed_requests": "#timeline",
    "recovery": "#timeline",
    "on_victim": "#harm",
    "sessions": "#harm",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`key` names it for scripts and links; `tone` is good, bad, unsure or neutral and never the only sign."""

    key: str
    label: str
    value: str
    note: str = ""
    tone: str = NEUTRAL

    @property
    def counted_in(self) -> str:
        """Where on the page of a run it is counted."""
        return _COUNTED_IN.get(self.key, "")


def figures(document: Document) -> tuple[Figure, ...]:
    """Document -> its figures, always the same ones in the same order."""
    return (
        Figure(key="sessions", label="Sessions", value=count(document.counts.get("sessions"))),
        _on_victim(document),
        _lost_sessions(document),
        _lost_writes(document),
        _failed(document),
        _recovery(document),
        Figure(key="bounds", label="95 % upper bound of each zero", value=_bounds(document)),
        _promise(document),
        _verdict(document),
    )


def _on_victim(document: Document) -> Figure:
    excluded = document.exposure.get("sessions_excluded", 0)
    return Figure(
        key="on_victim",
        label="On the victim",
        value=count(document.exposure.get("sessions_on_victim")),
        note=f"{count(excluded)} more left out: login or logout unfinished at the onset" if excluded else "",
    )


def _lost_sessions(document: Document) -> Figure:
    lost = lost_sessions(document)
    if not document.anomalies:
        return Figure(key="lost_sessions", label="Sessions lost", value=count(None), tone=UNSURE)
    return Figure(
        key="lost_sessions",
        label="Sessions lost",
        value=count(lost),
        note=_bound(document, "lost-session") if not lost else _of_sessions(document),
        tone=_tone(document, lost),
    )


def _lost_writes(document: Document) -> Figure:
    lost, writes = lost_writes(document), document.counts.get("acknowledged_writes")
    if not document.anomalies:
        return Figure(key="lost_writes", label="Acknowledged writes lost", value=count(None), tone=UNSURE)
    return Figure(
        key="lost_writes",
        label="Acknowledged writes lost",
        value=count(lost) if writes is None else f"{count(lost)} of {count(writes)}",
        note=_about_writes(document, lost),
        tone=NEUTRAL if not lost and lost_sessions(document) else _tone(document, lost),
    )


def _about_writes(document: Document, lost: int) -> str:
    """A lost session takes its writes with it, and they are not counted again: a zero beside it must not mislead."""
    if lost_sessions(document):
        return "what the lost sessions held is not counted again"
    return "a session's same loss counts once" if lost else _bound(document, "lost-write")


def _tone(document: Document, lost: int) -> str:
    """Nothing lost is good news only when the run could have shown a loss."""
    if lost:
        return BAD
    return GOOD if document.verdict in (Verdict.PASS, Verdict.FAIL) else UNSURE


def _failed(document: Document) -> Figure:
    failed, all_of_them = document.counts.get("failed_requests"), document.counts.get("operations")
    part = f" ({share(failed / all_of_them, 2)})" if failed and all_of_them else ""
    stall = document.longest_stall_ms
    return Figure(
        key="failed_requests",
        label="Failed requests",
        value=f"{count(failed)}{part}",
        note="" if stall is None else f"longest stall {milliseconds(stall)}",
    )


def _recovery(document: Document) -> Figure:
    if document.recovery_s is None and document.faults:
        return Figure(key="recovery", label="Recovery time", value="not seen", tone=UNSURE)
    return Figure(key="recovery", label="Recovery time", value=seconds(document.recovery_s))


def _of_sessions(document: Document) -> str:
    exposed = document.exposure.get("sessions_on_victim")
    return f"{count(exposed)} lived on the victim" if exposed else ""


def _bound(document: Document, name: str) -> str:
    """What a zero is worth; nothing, where the run as a whole proves nothing."""
    if document.verdict not in (Verdict.PASS, Verdict.FAIL):
        return "but this run proves nothing"
    item = document.anomalies.get(name)
    if item is None or item.per_session is None:
        return ""
    return f"95 % sure: under {share(item.per_session)} of the exposed"


def _bounds(document: Document) -> str:
    """Only of what was looked for and not found: a bound beside a loss would say nothing."""
    parts = []
    for label, names in (("sessions", SESSION_LOSSES), ("writes", (*WRITE_LOSSES, *SESSION_LOSSES))):
        item = document.anomalies.get(names[0])
        if item is not None and item.per_session is not None and not document.found(*names):
            parts.append(f"{label} {share(item.per_session)}")
    faults = document.exposure.get("faults")
    per_fault = [
        item.per_fault for item in document.anomalies.values() if not item.found and item.per_fault is not None
    ]
    if parts and per_fault and faults:
        parts.append(f"per fault {share(max(per_fault))} (from {several(faults, 'fault')})")
    return ", ".join(parts) or "no zero"


def _promise(document: Document) -> Figure:
    if not document.has_promise:
        return Figure(key="promise", label="Promise kept", value="none declared")
    value, tone = {True: ("kept", GOOD), False: ("broken", BAD), None: ("could not be told", UNSURE)}[document.kept]
    return Figure(key="promise", label="Promise kept", value=value, note=document.promise, tone=tone)


def _verdict(document: Document) -> Figure:
    tone = {Verdict.PASS: GOOD, Verdict.FAIL: BAD}.get(document.verdict, UNSURE)
    return Figure(key="verdict", label="Verdict by the gates", value=document.verdict.value, tone=tone)

"""The verdict in one sentence that a manager understands, and whether the architecture kept its promise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from outlast.checkers.verdict import Verdict
from outlast.render.document import Document, Harm
from outlast.render.words import count, listed, several

SESSION_LOSSES: Final = ("lost-session", "recreated-session", "login-not-stored", "client-evicted", "premature-expiry")
"""Anomalies by which a user is logged out for good."""
WRITE_LOSSES: Final = ("lost-write", "lost-update")
_NEVER: Final = ("session-leak", "resurrected-session")
_DONE: Final = {
    "kill": "killed",
    "crash": "crashed",
    "stop": "stopped",
    "restart": "restarted",
    "recreate": "recreated",
    "pause": "frozen",
}


@dataclass(frozen=True, slots=True)
class Headline:
    """`word`: the verdict's name; `sentence`: what happened; `promise`: how that compares with what was promised."""

    verdict: Verdict
    word: str
    sentence: str
    promise: str
    kept: bool | None


def headline(document: Document) -> Headline:
    """Document -> headline."""
    return Headline(
        verdict=document.verdict,
        word=document.verdict.value,
        sentence=_sentence(document),
        promise=_promise(document),
        kept=document.kept if document.has_promise else None,
    )


def lost_sessions(document: Document) -> int:
    """How many sessions were lost for good, each counted once (formats.md 2: the most specific name)."""
    return document.found(*SESSION_LOSSES)


def lost_writes(document: Document) -> int:
    """How many acknowledged writes and increments were lost."""
    return document.found(*WRITE_LOSSES)


def occasion(faults: tuple[Harm, ...]) -> str:
    """When app-2 was killed; without a fault: with nothing broken on purpose."""
    if not faults:
        return "with nothing broken on purpose"
    acts = []
    for name in dict.fromkeys(fault.name for fault in faults):
        nodes = tuple(dict.fromkeys(node for fault in faults if fault.name == name for node in fault.nodes))
        were = "were" if len(nodes) > 1 else "was"
        act = f"{were} {_DONE[name]}" if name in _DONE else f"{were} hit by {name}"
        acts.append(f"{listed(nodes) or 'nobody'} {act}")
    return f"when {' and '.join(acts)}"


def _sentence(document: Document) -> str:
    when = occasion(document.faults)
    if document.verdict is Verdict.ERROR:
        return f"The run did not come to its end: {_first(document) or 'no reason was recorded'}."
    if document.verdict is Verdict.INCONCLUSIVE:
        return f"This run proves nothing: {_first(document) or 'no reason was recorded'}."
    losses = _losses(document)
    if losses:
        return f"{losses} {when}."
    if document.verdict is Verdict.FAIL:
        return f"A limit was not met {when}: {_first(document) or 'no reason was recorded'}."
    sessions = document.counts.get("sessions")
    writes = document.counts.get("acknowledged_writes")
    who = "No session" if sessions is None else f"None of {several(sessions, 'session')}"
    what = f" and none of {several(writes, 'acknowledged write')}" if writes else ""
    return f"{who}{what} was lost {when}."


def _losses(document: Document) -> str:
    sessions, writes = lost_sessions(document), lost_writes(document)
    of = document.counts.get("sessions")
    parts = []
    if sessions:
        lost = f"{count(sessions)} of {several(of, 'session')}" if of else several(sessions, "session")
        parts.append(f"{lost} {'was' if sessions == 1 else 'were'} lost")
    if writes and not sessions:
        parts.append(f"{several(writes, 'acknowledged write')} {'was' if writes == 1 else 'were'} lost")
    if leaks := document.found(*_NEVER):
        parts.append(f"{several(leaks, 'session')} showed what it must never show")
    others = {
        name: item.found - item.allowed
        for name, item in document.anomalies.items()
        if name not in (*SESSION_LOSSES, *WRITE_LOSSES, *_NEVER) and _gated(document, name)
    }
    if not parts:
        parts = [f"{several(number, name.replace('-', ' '))}" for name, number in others.items() if number > 0][:3]
        return f"{listed(tuple(parts))} {'was' if parts[0].startswith('1 ') else 'were'} found" if parts else ""
    return listed(tuple(parts))


def _gated(document: Document, name: str) -> bool:
    return any(gate.name == name and gate.ok is False for gate in document.gates)


def _promise(document: Document) -> str:
    if not document.has_promise:
        return ""
    who, what = document.architecture or "this stack", document.promise.rstrip(".") or "what the experiment declares"
    if document.kept is None:
        return f"Declared for {who}: {what}. Whether it does, this run could not tell{_why(document)}."
    if document.kept:
        return f"Declared for {who}: {what}. That is what happened."
    return f"Declared for {who}: {what}. That is not what happened{_why(document)}."


def _why(document: Document) -> str:
    return f": {'; '.join(document.promise_reasons)}".rstrip(".") if document.promise_reasons else ""


def _first(document: Document) -> str:
    return document.reasons[0].rstrip(".") if document.reasons else ""

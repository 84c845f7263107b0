"""One session's few operations, told in order: what a reader needs to believe that it was lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from outlast.history.columns import KINDS, SEEN, Columns, Ints
from outlast.history.history import FaultWindow, History
from outlast.history.operation import VIA_BALANCER, VIA_REPLICA, Jar, Kind, Operation, Outcome, Seen
from outlast.render.affected import Affected
from outlast.render.headline import SESSION_LOSSES
from outlast.render.plain import plain
from outlast.render.words import seconds

BEATS_MAX: Final = 12
_PROOF_MAX: Final = 6
_NO_ANSWER: Final = "no answer"
_NAMELESS: Final = "the app"
_NS_PER_S: Final = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """One operation. `at_s`: when it was sent; `after_s`: the same, after the fault; `place`: its lane in the drawing.

    `mark`: alive, gone, none (nobody answered), or other (an answer that shows nothing of the session).
    """

    at_s: float
    after_s: float | None
    what: str
    asked: str
    answered: str
    status: str
    saw: str
    carried: str
    took_ms: float | None
    proves: bool
    mark: str
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A fault in the drawing: on which lane, and before which beats it began and ended (0 .. number of beats)."""

    label: str
    place: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The beats of one session, the lanes of their drawing, and out of how many operations they were chosen."""

    beats: tuple[Beat, ...]
    lanes: tuple[str, ...]
    bands: tuple[Band, ...]
    operations: int


def story_of(one: Affected, history: History, zero_ns: int) -> Story:
    """Affected session -> story, at most BEATS_MAX operations long. Cost: linear in the session's operations."""
    columns = history.columns
    proof = {moment for finding in one.findings for moment in finding.moments}
    rows = _chosen(columns, one.rows, proof, history.header.faults)
    operations = [columns.operation(int(row)) for row in rows]
    lanes = _lanes(operations, history.header.faults)
    fault = _fault_of(one, history.header.faults)
    onset_ns = fault.start_ns if fault else None
    beats = tuple(_beat(o, (o.invoked_ns, o.client) in proof, lanes, zero_ns, onset_ns) for o in operations)
    return Story(
        beats=beats, lanes=lanes, bands=_bands(operations, lanes, history.header.faults), operations=len(one.rows)
    )


def in_words(one: Affected, history: History) -> str:
    """What became of a session that was lost, for a reader who knows no operations; empty for other anomalies."""
    if one.gone_ns is None or one.alive_ns is None or not one.findings or one.findings[0].anomaly not in SESSION_LOSSES:
        return ""
    fault = _fault_of(one, history.header.faults)
    lived = f"lived on {one.home} and " if one.home else ""
    if fault is None:
        waited = seconds((one.gone_ns - one.alive_ns) / _NS_PER_S)
        return f"{one.name} {lived}was seen alive; {waited} later it was gone, and it never came back."
    alive_s, gone_s = ((at_ns - fault.start_ns) / _NS_PER_S for at_ns in (one.alive_ns, one.gone_ns))
    name = plain(fault.name, 40)
    return (
        f"{one.name} {lived}was last seen alive {_beside(alive_s, name)}; "
        f"{_beside(gone_s, name)} it was gone, and it never came back."
    )


def _beside(after_s: float, fault: str) -> str:
    return f"{seconds(abs(after_s))} {'after' if after_s >= 0 else 'before'} the {fault}"


def _fault_of(one: Affected, faults: tuple[FaultWindow, ...]) -> FaultWindow | None:
    """The fault the finding names, else the last that began before the session was gone, else the first."""
    named = [fault for fault in faults if any(fault.name == finding.fault for finding in one.findings)]
    candidates = named or list(faults)
    before = [fault for fault in candidates if one.gone_ns is None or fault.start_ns <= one.gone_ns]
    if before:
        return before[-1]
    return candidates[0] if candidates else None


def _chosen(columns: Columns, rows: Ints, proof: set[tuple[int, int]], faults: tuple[FaultWindow, ...]) -> Ints:
    """The proof, and around it: the login, what was asked around the loss and around the fault, and the audit."""
    if len(rows) <= BEATS_MAX:
        return rows
    places = range(len(rows))
    key = [(int(columns.invoked_ns[row]), int(columns.client[row])) for row in rows]
    proves = [place for place in places if key[place] in proof]
    wanted = dict.fromkeys(proves[:_PROOF_MAX])
    wanted.update(dict.fromkeys(p for p in places if columns.kind[rows[p]] == KINDS.index(Kind.LOGIN)))
    gone = [p for p in places if columns.seen[rows[p]] not in (0, SEEN.index(Seen.ALIVE))]
    turn = gone[0] if gone else (proves[-1] if proves else len(rows) - 1)
    near = [turn, turn - 1, turn + 1, turn - 2, len(rows) - 1, turn - 3, turn + 2, len(rows) - 2]
    for fault in faults:
        near.append(int(np.searchsorted(columns.invoked_ns[rows], fault.start_ns)) - 1)
    near += [len(rows) - 3, turn - 4, turn + 3, turn - 5, turn + 4]
    for place in near:
        if 0 <= place < len(rows):
            wanted.setdefault(place)
    return rows[sorted(list(wanted)[:BEATS_MAX])]


def _lanes(operations: list[Operation], faults: tuple[FaultWindow, ...]) -> tuple[str, ...]:
    replicas = {plain(o.replica, 40) for o in operations if o.replica}
    struck = {plain(node, 40) for fault in faults for node in fault.nodes}
    names = sorted(replicas | (struck if len(struck) <= 3 else set()))
    if any(o.returned_ns is not None and not o.replica for o in operations):
        names.append(_NAMELESS)
    if any(o.returned_ns is None for o in operations):
        names.append(_NO_ANSWER)
    return tuple(names)


def _beat(operation: Operation, proves: bool, lanes: tuple[str, ...], zero_ns: int, onset_ns: int | None) -> Beat:
    answered = plain(operation.replica, 40) if operation.replica else ""
    lane = answered or (_NO_ANSWER if operation.returned_ns is None else _NAMELESS)
    due_ns = operation.invoked_ns if operation.intended_ns is None else operation.intended_ns
    took_ns = None if operation.returned_ns is None else operation.returned_ns - due_ns
    return Beat(
        at_s=(operation.invoked_ns - zero_ns) / _NS_PER_S,
        after_s=None if onset_ns is None else (operation.invoked_ns - onset_ns) / _NS_PER_S,
        what=operation.op.value,
        asked=_asked(operation),
        answered=answered,
        status=str(operation.status or ""),
        saw=_saw(operation),
        carried=_carried(operation),
        took_ms=None if took_ns is None else took_ns / 1e6,
        proves=proves,
        mark=_mark(operation),
        place=lanes.index(lane),
    )


def _asked(operation: Operation) -> str:
    kept = ", kept cookie" if operation.jar is Jar.KEPT else ""
    if operation.via.startswith(VIA_REPLICA):
        return f"{plain(operation.via.removeprefix(VIA_REPLICA), 40)} itself{kept}"
    return f"{'balancer' if operation.via == VIA_BALANCER else 'store'}{kept}"


def _saw(operation: Operation) -> str:
    if operation.outcome is Outcome.UNKNOWN:
        return "no answer" if operation.returned_ns is None else "failed, outcome unknown"
    if operation.seen is Seen.ANONYMOUS:
        return "no session"
    if operation.seen is Seen.RECREATED:
        return "a new, empty session"
    if operation.outcome is Outcome.FAIL:
        return "refused"
    if operation.seen is Seen.ALIVE:
        return "the session"
    return "logged in" if operation.op is Kind.LOGIN else "done"


def _carried(operation: Operation) -> str:
    if operation.seen is not Seen.ALIVE and operation.op not in (Kind.WRITE, Kind.INCREMENT):
        return ""
    parts = []
    if operation.has_value:
        parts.append(plain(operation.value, 24) if operation.value is not None else "nothing written yet")
    if operation.counter is not None:
        parts.append(f"counter {operation.counter}")
    return ", ".join(parts)


def _mark(operation: Operation) -> str:
    if operation.outcome is Outcome.UNKNOWN:
        return "none"
    if operation.seen in (Seen.ANONYMOUS, Seen.RECREATED):
        return "gone"
    logged_in = operation.op is Kind.LOGIN and operation.outcome is Outcome.OK
    return "alive" if logged_in or operation.seen is Seen.ALIVE else "other"


def _bands(operations: list[Operation], lanes: tuple[str, ...], faults: tuple[FaultWindow, ...]) -> tuple[Band, ...]:
    sent = [operation.invoked_ns for operation in operations]
    bands = []
    for fault in faults:
        start = sum(at < fault.start_ns for at in sent)
        end = len(sent) if fault.end_ns is None else sum(at < fault.end_ns for at in sent)
        for node in fault.nodes:
            if plain(node, 40) in lanes:
                place = lanes.index(plain(node, 40))
                bands.append(Band(label=plain(fault.name, 40), place=place, start=start, end=end))
    return tuple(bands)

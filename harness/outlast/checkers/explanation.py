"""Why a finding is one: a sentence for each way of proving it, in the shape "a finished before b began, yet ..."."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.marks import NO_ROW, Case
from outlast.checkers.telling import Teller, quoted


def because(teller: Teller, anomaly: Anomaly, case: Case, rows: tuple[int, ...], figures: tuple[int, ...]) -> str:
    """A finding -> its sentence. Cost: constant in the history."""
    return _SENTENCES[case](_Proof(teller, anomaly, rows, figures))


@dataclass(frozen=True, slots=True)
class _Proof:
    teller: Teller
    anomaly: Anomaly
    rows: tuple[int, ...]
    figures: tuple[int, ...]

    def op(self, row: int) -> str:
        return self.teller.operation(row)

    @property
    def first(self) -> str:
        return self.op(self.rows[0])

    @property
    def last(self) -> str:
        return self.op(self.rows[-1])

    @property
    def attempt(self) -> str:
        return quoted(self.teller.columns.attempts[self.figures[0]])


def _overwritten(p: _Proof) -> str:
    older, _, c, d, b = p.figures
    columns = p.teller.columns
    old = "no value" if older == NO_ROW else f"the value of the {p.op(older)}"
    end = ""
    if p.anomaly is Anomaly.STALE_READ:
        late_ms = (int(columns.invoked_ns[d]) - int(columns.returned_ns[c])) / 1e6
        end = f"; the newer value came back in the {p.op(b)}: stale by {late_ms:.1f} ms"
    if p.anomaly is Anomaly.LOST_WRITE:
        end = "; no read begun after that returned it again"
    return f"The {p.op(c)} finished before the {p.op(d)} began, yet that shows {old}{end}."


def _landed_late(p: _Proof) -> str:
    older, newer, c, d = (p.op(row) for row in p.figures)
    return (
        f"The {older} was given up before the {newer} began, and the {c} finished before the {d} began, "
        "yet that shows the older value: it overtook the newer one."
    )


def _another_session(p: _Proof) -> str:
    columns = p.teller.columns
    other = quoted(columns.sessions[int(columns.session[p.rows[0]])])
    return f"The {p.last} shows what session {other} wrote in its {p.first}."


def _gone(p: _Proof) -> str:
    alive, _ = p.figures
    how = "found it gone"
    if p.anomaly is Anomaly.RECREATED_SESSION:
        how = "found a new empty session in its place"
    if p.anomaly is Anomaly.PREMATURE_EXPIRY:
        how += " before its time to live was over, with no fault near, and others at the same age"
    return (
        f"The {p.op(alive)} saw it alive, yet the {p.last} {how}: "
        "no logout, expiry or eviction explains it, and nothing saw it alive again."
    )


def _gone_then_alive(p: _Proof) -> str:
    hidden, alive = (p.op(row) for row in p.rows[-2:])
    if p.anomaly is Anomaly.CLIENT_EVICTED:
        return f"The {hidden} took the cookie away, yet the {alive} shows that the session was still there."
    return f"The {hidden} finished before the {alive} began, yet that saw the session alive again."


def _logged_out(p: _Proof) -> str:
    logout, answer = p.figures
    if answer == NO_ROW:
        return f"The {p.op(logout)} finished before the {p.last} began, yet that saw the session alive."
    return (
        f"The {p.op(logout)} had taken effect by the end of the {p.op(answer)}, and that finished before the {p.last} "
        "began, yet that saw the session alive."
    )


def _another_user(p: _Proof) -> str:
    users = p.teller.columns.users
    owner, named = (quoted(users[user]) for user in p.figures)
    return f"The session belongs to {owner}, yet the {p.last} was answered as {named}."


def _unclaimed(p: _Proof) -> str:
    number, needed, begun = p.figures
    return (
        f"No increment was told the result {number}, yet the {p.last} was past it: "
        f"that takes {needed} increments of unknown outcome, and {begun} had begun."
    )


def _too_few(p: _Proof) -> str:
    before, between, after = p.figures
    return (
        f"The counter was {before}, then {between} acknowledged increments finished before the {p.last} began, "
        f"yet they leave it at {after}."
    )


def _gap(p: _Proof) -> str:
    streams = p.teller.columns.streams
    reached, resumed = streams[p.rows[0]].to_offset, streams[p.rows[-1]].from_offset
    return f"The {p.first} reached offset {reached}, yet the {p.last} went on at {resumed}."


_SENTENCES: Final[dict[Case, Callable[[_Proof], str]]] = {
    Case.ACKNOWLEDGED_THEN_OLDER: _overwritten,
    Case.SEEN_THEN_OLDER: _overwritten,
    Case.LANDED_LATE: _landed_late,
    Case.NOBODY_WROTE: lambda p: f"The {p.last} shows a value that nobody wrote in the whole history.",
    Case.WRITE_FAILED: lambda p: f"The {p.first} surely did not take effect, yet the {p.last} shows it.",
    Case.WRITTEN_LATER: lambda p: f"The {p.last} finished before the {p.first} began, yet it shows its value.",
    Case.ANOTHERS_VALUE: _another_session,
    Case.GONE: _gone,
    Case.NEVER_ALIVE: lambda p: f"The {p.first} finished before the {p.last} began, and nothing ever saw it alive.",
    Case.GONE_THEN_ALIVE: _gone_then_alive,
    Case.LOGGED_OUT_THEN_ALIVE: _logged_out,
    Case.OUTLIVED: lambda p: f"Nothing refreshed it for {p.figures[0] / 1e9:.3f} s, yet the {p.last} saw it alive.",
    Case.ANOTHER_USER: _another_user,
    Case.SAME_RESULT: lambda p: f"The {p.first} and the {p.last} got one result: one of them is lost.",
    Case.FELL: lambda p: f"The {p.first} finished before the {p.last} began, yet the counter fell.",
    Case.TOO_MANY: lambda p: f"The {p.last} shows {p.figures[0]}, yet only {p.figures[1]} increments had begun.",
    Case.UNCLAIMED: _unclaimed,
    Case.TOO_FEW: _too_few,
    Case.IMPOSSIBLE_COUNT: lambda p: f"The {p.last} does not even count itself.",
    Case.NO_ORDER: lambda p: f"No order of these {len(p.rows)} operations explains what they were told.",
    Case.EXECUTED_TWICE: lambda p: f"The {p.last} holds the attempt {p.attempt} twice.",
    Case.TWO_LOGS: lambda p: f"The {p.first} and the {p.last} differ at position {p.figures[0]} of their logs.",
    Case.MISSING_EFFECT: lambda p: (
        f"The {p.op(p.figures[0])} finished before the {p.last} began, yet what it showed or did was missing."
    ),
    Case.ANOTHERS_EFFECT: lambda p: f"The {p.last} holds the attempt {p.attempt} of another session.",
    Case.NOBODY_TRIED: lambda p: f"The {p.last} holds the attempt {p.attempt}, which nobody made.",
    Case.FAILED_EFFECT: lambda p: f"The {p.last} holds the attempt {p.attempt}, which surely failed.",
    Case.EARLY_EFFECT: lambda p: (
        f"The {p.op(p.figures[0])} finished before the {p.last} began, yet it shows what that did."
    ),
    Case.STUCK: lambda p: f"None of its {p.figures[0]} requests after heal succeeded; the last was the {p.last}.",
    Case.FAILED: lambda p: f"The {p.last}.",
    Case.MOVED: lambda p: f"Its server changed {p.figures[0]} times, here from the {p.op(p.rows[-2])} to the {p.last}.",
    Case.STORM: lambda p: f"{p.figures[0]} logins in a second from the {p.last} on, {p.figures[1] / 1000:.1f} before.",
    Case.NOT_FOUND: lambda p: f"The {p.last}, though the page asked for it.",
    Case.CUT: lambda p: f"The {p.last} was cut.",
    Case.GAP: _gap,
    Case.REPEATED: _gap,
}

"""One operation in words: what was asked, when, and what the answer showed."""

from __future__ import annotations

from dataclasses import dataclass

from outlast.history.columns import Columns
from outlast.history.operation import VIA_BALANCER, Jar, Kind, Operation, Outcome, Scope, Seen

TEXT_MAX = 40


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells operations of a history; instants in seconds since `zero_ns`."""

    columns: Columns
    zero_ns: int

    def operation(self, row: int) -> str:
        """Row -> "write of 'a' [1.200 s, 1.204 s] ok"."""
        operation = self.columns.operation(row)
        return f"{self.asked(operation)} {self.interval(operation)} {answered(operation)}"

    def asked(self, operation: Operation) -> str:
        """What was asked for."""
        words = {
            Kind.LOGIN: "login",
            Kind.READ: "read",
            Kind.WRITE: f"write of {quoted(operation.value)}",
            Kind.INCREMENT: "increment",
            Kind.LOGOUT: "logout everywhere" if operation.scope is Scope.USER else "logout",
            Kind.ASSET: f"request for {quoted(operation.path)}",
            Kind.STREAM: "stream",
        }[operation.op]
        if operation.jar is Jar.KEPT:
            words += " with the kept cookie"
        return words if operation.via == VIA_BALANCER else f"{words} at {operation.via}"

    def interval(self, operation: Operation) -> str:
        """[invoked, returned] in seconds."""
        start = self.instant(operation.invoked_ns)
        end = "never" if operation.returned_ns is None else self.instant(operation.returned_ns)
        return f"[{start}, {end}]"

    def instant(self, at_ns: int) -> str:
        """Seconds since zero, as finely as it takes."""
        since = at_ns - self.zero_ns
        return f"{since} ns" if 0 < abs(since) < 1_000_000 else f"{since / 1e9:.3f} s"


def answered(operation: Operation) -> str:
    """What the answer showed."""
    if operation.outcome is Outcome.UNKNOWN:
        return "with unknown outcome"
    if operation.seen in (Seen.ANONYMOUS, Seen.RECREATED):
        shown = "no session" if operation.seen is Seen.ANONYMOUS else "a new empty session"
        return f"-> {shown}{_by(operation)}"
    if operation.outcome is Outcome.FAIL:
        return f"failed{f' with {operation.status}' if operation.status else ''}"
    if operation.op is Kind.READ:
        told = []
        if operation.has_value:
            told.append("nothing written yet" if operation.value is None else quoted(operation.value))
        if operation.counter is not None:
            told.append(f"counter {operation.counter}")
        if operation.effects is not None:
            told.append(f"{operation.effects_offset + len(operation.effects)} effects")
        return f"-> {', '.join(told) or 'alive'}{_by(operation)}"
    if operation.op is Kind.INCREMENT and operation.counter is not None:
        return f"-> {operation.counter}{_by(operation)}"
    return f"ok{_by(operation)}"


def quoted(text: str | None) -> str:
    """An app's text, made harmless and short."""
    if text is None:
        return "nothing"
    return ascii(text if len(text) <= TEXT_MAX else f"{text[:TEXT_MAX]}...")


def _by(operation: Operation) -> str:
    return f" by {ascii(operation.replica)[1:-1][:TEXT_MAX]}" if operation.replica else ""

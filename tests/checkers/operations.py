"""Short words for operations, so that a test reads like a table."""

from __future__ import annotations

import itertools
from typing import Any

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.judge import judge
from outlast.checkers.judgement import Judgement, SessionVerdict
from outlast.history.columns import Columns
from outlast.history.history import Header, History
from outlast.history.operation import Cookie, Jar, Kind, Operation, Outcome, Scope, Seen

Interval = tuple[int, int | None]

_CLIENTS = itertools.count(1)
_WORDS = {
    "op": Kind,
    "outcome": Outcome,
    "seen": Seen,
    "scope": Scope,
    "cookie": Cookie,
    "jar": Jar,
}


def op(kind: str, at: Interval, **told: Any) -> Operation:
    """An operation of session "s" by a client of its own, ok unless told otherwise; words become enum members."""
    fields: dict[str, Any] = {"op": kind, "session": "s", "outcome": "ok", "client": next(_CLIENTS), **told}
    for name, kinds in _WORDS.items():
        if isinstance(fields.get(name), str):
            fields[name] = kinds(fields[name])
    return Operation(invoked_ns=at[0], returned_ns=at[1], **fields)


def login(at: Interval = (0, 1), user: str = "u", **told: Any) -> Operation:
    """An acknowledged login."""
    return op("login", at, user=user, **told)


def wrote(value: str, at: Interval, **told: Any) -> Operation:
    """An acknowledged write that saw the session alive."""
    return op("write", at, **{"seen": None if told.get("outcome") == "unknown" else "alive", **told, "value": value})


def read(value: str | None, at: Interval, **told: Any) -> Operation:
    """A read that saw the session alive, with this value."""
    return op("read", at, **{"seen": "alive", **told, "value": value, "has_value": True})


def alive(at: Interval, **told: Any) -> Operation:
    """A read that saw the session alive and tells no value."""
    return op("read", at, **{"seen": "alive", **told})


def gone(at: Interval, **told: Any) -> Operation:
    """A read that saw no session."""
    return op("read", at, **{"seen": "anonymous", **told})


def recreated(at: Interval, **told: Any) -> Operation:
    """A read that found a new empty session in its place."""
    return op("read", at, **{"seen": "recreated", **told})


def logout(at: Interval, **told: Any) -> Operation:
    """An acknowledged logout."""
    return op("logout", at, **told)


def incremented(counter: int | None, at: Interval, **told: Any) -> Operation:
    """An increment with its result; None: it does not tell."""
    return op("increment", at, **{"seen": "alive", **told, "counter": counter})


def counted(counter: int, at: Interval, **told: Any) -> Operation:
    """A read of the counter."""
    return op("read", at, **{"seen": "alive", **told, "counter": counter})


def logged(effects: str, at: Interval, **told: Any) -> Operation:
    """A read of the effect log: one letter per attempt."""
    return op("read", at, **{"seen": "alive", **told, "effects": tuple(effects)})


def tried(attempt: str, at: Interval, **told: Any) -> Operation:
    """An acknowledged increment under an idempotency key."""
    return op("increment", at, **{"seen": "alive", **told, "attempt": attempt})


def history(*operations: Operation, **header: Any) -> History:
    """Operations -> history."""
    return History(Header(**header), Columns.of(operations))


def judged(*operations: Operation, **header: Any) -> Judgement:
    """Operations -> judgement."""
    return judge(history(*operations, **header))


def found(*operations: Operation, **header: Any) -> set[str]:
    """Operations -> the names of what is wrong with them, allowed or not, but for what only gates ask about."""
    return names(judged(*operations, **header))


def names(judgement: Judgement) -> set[str]:
    """Judgement -> names of the anomalies in it."""
    ungated = (Anomaly.FAILED_REQUEST, Anomaly.AFFINITY_FLAP)
    return {anomaly.value for anomaly, tally in judgement.tallies.items() if tally.count and anomaly not in ungated}


def lines(judgement: Judgement) -> dict[str, SessionVerdict]:
    """Judgement -> each session's verdict by its name."""
    return {verdict.session: verdict for verdict in judgement.sessions}

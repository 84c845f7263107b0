"""The verdict.json of a made-up run: the form of formats.md 3, with the findings that the judge adds to it."""

from __future__ import annotations

from typing import Any

from tests.render.made_run import STRUCK_S, ZERO_NS, S, Shape

from outlast.history.history import History
from outlast.history.operation import Kind, Operation, Outcome, Seen


def made_verdict(history: History, shape: Shape, promise: str | None = None, kept: bool = True) -> dict[str, Any]:
    """History -> verdict document. Counts what the history shows, by the plainest rules that serve a made-up run."""
    struck_ns = ZERO_NS + int(STRUCK_S * S)
    told: dict[str, list[Operation]] = {}
    for operation in history.columns:
        told.setdefault(operation.session, []).append(operation)
    judged = {name: [o for o in own if o.via == "balancer"] for name, own in told.items()}
    lost = [name for name, own in judged.items() if own[-1].seen is Seen.ANONYMOUS]
    writes = {name: [o for o in own if o.op is Kind.WRITE and o.outcome is Outcome.OK] for name, own in judged.items()}
    lost_writes = [name for name in lost if writes[name]]
    last_homes = {name: _home_at(own, struck_ns) for name, own in judged.items()}
    on_victim = sum(home == shape.victim for home in last_homes.values())
    unknown = sum(o.outcome is Outcome.UNKNOWN for o in history.columns)
    findings = [_lost_session(name, judged[name], shape) for name in lost]
    findings += [_lost_write(name, judged[name], writes[name][-1]) for name in lost_writes]
    gates = [
        {"name": "lost-session", "limit": 0, "value": len(lost), "ok": not lost},
        {"name": "lost-write", "limit": 0, "value": len(lost_writes), "ok": not lost_writes},
        {"name": "session-leak", "limit": 0, "value": 0, "ok": True},
        {"name": "failed-request", "limit": 0.01, "value": unknown / len(history.columns), "ok": True},
    ]
    verdict = "fail" if lost else "pass"
    reasons = [f"{gate['name']}: {gate['value']} > {gate['limit']}" for gate in gates if not gate["ok"]]
    if not shape.proven:
        verdict, reasons = "inconclusive", [f"the fault kill on {shape.victim} was not proven: it was still running"]
    document: dict[str, Any] = {
        "format": "outlast-verdict/1",
        "verdict": verdict,
        "reasons": reasons,
        "seed": shape.seed,
        "experiment": "replica_kill",
        "architecture": "sticky-memory" if shape.lossy else "redis-aof",
        "engine": "compose",
        "counts": {
            "operations": len(history.columns),
            "sessions": len(told),
            "acknowledged_writes": sum(len(own) for own in writes.values()),
            "unknown": unknown,
            "failed_requests": unknown,
        },
        "exposure": {"faults": 1, "sessions_on_victim": on_victim, "sessions_excluded": 3, "writes_in_flight": 6},
        "anomalies": {
            "lost-session": _bounds(len(lost), on_victim),
            "lost-write": _bounds(len(lost_writes), on_victim),
            "failed-request": _bounds(unknown, len(history.columns)),
        },
        "witnesses": [finding for finding in findings if finding["session"] in (*lost[:1], *lost_writes[:1])],
        "findings": findings,
        "faults": [
            {"name": "kill", "nodes": [shape.victim], "proven": shape.proven, "onset_error_ms": 3.1, "healed": True}
        ],
        "recovery_s": 0.92,
        "longest_stall_ms": 912.4,
        "gates": gates,
        "not_tested": ["power loss: a killed process keeps the page cache", "a network partition"],
    }
    if promise:
        document["expectation"] = {"promise": promise, "kept": kept if shape.proven else None}
    return document


def _bounds(found: int, exposed: int) -> dict[str, Any]:
    share = min(1.0, (found + 3.0) / max(1, exposed))
    return {"count": found, "allowed": 0, "upper_bound_95": {"per_session": share, "per_fault": 1.0 if found else 0.95}}


def _home_at(operations: list[Operation], when_ns: int) -> str | None:
    homes = [o.replica for o in operations if o.invoked_ns < when_ns and o.replica]
    return homes[-1] if homes else None


def _lost_session(name: str, operations: list[Operation], shape: Shape) -> dict[str, Any]:
    gone = next(o for o in operations if o.seen is Seen.ANONYMOUS)
    alive = [o for o in operations if o.seen is Seen.ALIVE and o.invoked_ns < gone.invoked_ns][-1]
    return {
        "anomaly": "lost-session",
        "session": name,
        "because": f"{name} was alive on {alive.replica}, then {gone.replica} answered that there is no such session, "
        "no logout or expiry explains it, and it never came back",
        "phase": "fault",
        "fault": "kill",
        "layer": "replica",
        "operations": [_fields(alive), _fields(gone), _fields(operations[-1])],
    }


def _lost_write(name: str, operations: list[Operation], write: Operation) -> dict[str, Any]:
    return {
        "anomaly": "lost-write",
        "session": name,
        "because": f"{write.value} was acknowledged, nothing overwrote it, and no later read returns it",
        "phase": "fault",
        "fault": "kill",
        "layer": "replica",
        "operations": [_fields(write), _fields(operations[-1])],
    }


def _fields(operation: Operation) -> dict[str, Any]:
    return {
        "op": operation.op.value,
        "session": operation.session,
        "client": operation.client,
        "invoked_ns": operation.invoked_ns,
        "returned_ns": operation.returned_ns,
        "outcome": operation.outcome.value,
        "seen": operation.seen.value if operation.seen else None,
        "replica": operation.replica,
    }

"""A judgement -> verdict.json and the lines of `--sessions`, as formats.md 3 has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from outlast.checkers.anomaly import Anomaly
from outlast.checkers.checker import Finding
from outlast.checkers.judgement import Judgement, SessionVerdict
from outlast.checkers.resuming import StreamFigures
from outlast.checkers.rollout import stages_of
from outlast.checkers.spread import Spread
from outlast.history.columns import Columns
from outlast.history.interchange_line import fields_of

FORMAT: Final = "outlast-verdict/1"
WITNESSES_MAX: Final = 8
"""So many witnesses of each anomaly stand in the document; how many there are in all is in `anomalies`."""


def verdict_document(
    judgement: Judgement,
    columns: Columns,
    *,
    experiment: str | None = None,
    architecture: str | None = None,
    engine: str | None = None,
    not_tested: Sequence[str] = (),
    streams: StreamFigures | None = None,
    spread: Spread | None = None,
    witnesses_max: int = WITNESSES_MAX,
) -> dict[str, Any]:
    """Judgement and run facts -> verdict.json. The expectation is left out where none was declared."""
    document: dict[str, Any] = {
        "format": FORMAT,
        "verdict": judgement.verdict.value,
        "reasons": list(judgement.reasons),
        "seed": judgement.seed,
        "experiment": experiment,
        "architecture": architecture,
        "engine": engine,
    }
    if judgement.expectation is not None:
        document["expectation"] = msgspec.to_builtins(judgement.expectation)
    stages = stages_of(columns)
    if stages:
        document["rollout"] = msgspec.to_builtins(stages)
    if streams is not None:
        document["streams"] = msgspec.to_builtins(streams)
    if spread is not None:
        document["spread"] = msgspec.to_builtins(spread)
    shown = _shown(judgement.findings, witnesses_max)
    return document | {
        "counts": msgspec.to_builtins(judgement.counts),
        "exposure": msgspec.to_builtins(judgement.exposure),
        "anomalies": {
            anomaly.value: {
                "count": tally.count,
                "allowed": tally.allowed,
                "upper_bound_95": {"per_session": tally.per_session, "per_fault": tally.per_fault},
            }
            for anomaly, tally in judgement.tallies.items()
        },
        "witnesses": [_witness(finding, columns) for finding in shown],
        "showing": {
            anomaly.value: f"{sum(f.anomaly is anomaly for f in shown)} of {tally.count}"
            for anomaly, tally in judgement.tallies.items()
            if tally.count > witnesses_max
        },
        "faults": [
            {
                "name": fault.name,
                "nodes": list(fault.nodes),
                "proven": fault.proven,
                "onset_error_ms": fault.onset_error_ms,
                "healed": fault.healed,
            }
            for fault in judgement.faults
        ],
        "recovery_s": judgement.recovery_s,
        "longest_stall_ms": judgement.longest_stall_ms,
        "gates": [msgspec.to_builtins(gate) for gate in judgement.gates],
        "not_tested": [*judgement.not_tested, *not_tested],
    }


def session_lines(judgement: Judgement) -> Iterator[dict[str, Any]]:
    """Judgement -> one object per session, in the order in which they first appear."""
    return (session_line(verdict) for verdict in judgement.sessions)


def session_line(verdict: SessionVerdict) -> dict[str, Any]:
    """One session's verdict -> its line."""
    return {
        "session": verdict.session,
        "verdict": verdict.verdict.value,
        "anomalies": [anomaly.value for anomaly in verdict.anomalies],
        "reasons": list(verdict.reasons),
    }


def _shown(findings: Sequence[Finding], witnesses_max: int) -> list[Finding]:
    """The first of each anomaly; failed requests, which prove themselves, last."""
    left = dict.fromkeys(Anomaly, witnesses_max)
    shown = []
    for finding in sorted(findings, key=lambda finding: finding.anomaly is Anomaly.FAILED_REQUEST):
        if left[finding.anomaly] > 0:
            left[finding.anomaly] -= 1
            shown.append(finding)
    return shown


def _witness(finding: Finding, columns: Columns) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "anomaly": finding.anomaly.value,
        "session": finding.session,
        "operations": [fields_of(columns.operation(row)) for row in finding.rows],
        "because": finding.because,
        "phase": finding.phase.value if finding.phase else None,
        "fault": finding.fault,
        "layer": finding.layer,
        "allowed": finding.allowed,
    }
    return fields

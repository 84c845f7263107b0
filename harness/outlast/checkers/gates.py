"""Gates: the numbers that a user sets, and what was measured against them."""

from __future__ import annotations

from collections.abc import Mapping

from outlast.checkers.anomaly import RULES, Anomaly
from outlast.checkers.figures import FIGURES
from outlast.checkers.judgement import Counts, GateResult, Tally
from outlast.errors import UnknownName, UsageError


def limits_of(gates: Mapping[str, float | None] | None) -> dict[str, float]:
    """Gates that were given, over the defaults -> limits by name; None takes a gate away.

    Raises UnknownName, and UsageError for the gates that are never waivable and for limits that are no limit.
    """
    limits = {anomaly.value: rule.limit for anomaly, rule in RULES.items()}
    for name, limit in (gates or {}).items():
        if name not in limits and name not in FIGURES:
            raise UnknownName("gate", name, (*limits, *FIGURES))
        if limit is not None and not limit >= 0:
            raise UsageError(f"The gate {name}={limit} is no limit; give zero or more, or take the gate away.")
        if name in limits and not RULES[Anomaly(name)].waivable and limit != 0:
            raise UsageError(f"The gate on {name} cannot be waived: one is too many.")
        limits[name] = limit
    return {name: limit for name, limit in limits.items() if limit is not None}


def gate_results(
    limits: Mapping[str, float], tallies: Mapping[Anomaly, Tally], counts: Counts, figures: Mapping[str, float | None]
) -> tuple[GateResult, ...]:
    """Limits, a tally for each anomaly, figures -> results. Of failed requests, a limit below 1 is a share of all."""
    results = []
    for name, limit in limits.items():
        if name in FIGURES:
            value = figures[name]
            results.append(GateResult(name=name, limit=limit, value=value, ok=value is not None and value <= limit))
            continue
        tally = tallies[Anomaly(name)]
        value = float(tally.count - tally.allowed)
        if name == Anomaly.FAILED_REQUEST and 0 < limit < 1:
            value = value / counts.operations if counts.operations else 0.0
        results.append(GateResult(name=name, limit=limit, value=value, ok=value <= limit))
    return tuple(results)

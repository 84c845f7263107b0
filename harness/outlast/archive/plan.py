"""`plan.json`: what was to be done, complete enough to judge the run again and to do it again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from outlast.errors import FormatError, OutlastError
from outlast.history.history import Guarantee, Refresh

PLAN_FILE: Final = "plan.json"
PLAN_FORMAT: Final = "outlast-plan/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFault:
    """One fault to come: on whom, how many seconds after the load's start, for how long.

    `aim`: how the nodes are found when they are struck; they are none until then. `moment`: the event that is waited
    for from `at_s` on, for at most `patience_s`.
    """

    name: str
    nodes: tuple[str, ...]
    at_s: float
    for_s: float
    aim: str = ""
    moment: str = ""
    patience_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run before it is done. `gates`: anomaly or figure -> limit, None for not gated; empty: the defaults."""

    experiment: str
    hypothesis: str
    architecture: str
    engine: str
    engine_reason: str
    seed: int
    run_id: str
    load: dict[str, Any]
    faults: tuple[PlannedFault, ...] = ()
    promise: dict[str, Any] | None = None
    gates: dict[str, float | None] = field(default_factory=dict)
    rate_floor: float | None = None
    guarantee: Guarantee = Guarantee.LINEARIZABLE
    ttl_s: float | None = None
    ttl_refresh: Refresh = Refresh.ACCESS
    granularity_s: float = 1.0
    max_sessions_per_user: int | None = None
    not_tested: tuple[str, ...] = ()
    dry: bool = False
    """Everything but the harm was to be done."""
    command: str = ""
    """What a user types to do it again."""


def write_plan(path: Path, plan: Plan) -> None:
    """Plan -> file."""
    try:
        path.write_text(json.dumps({"format": PLAN_FORMAT, **asdict(plan)}, indent=2) + "\n")
    except OSError as error:
        raise OutlastError(f"{path} cannot be written ({error.strerror}); free some space.") from error


def read_plan(path: Path) -> Plan:
    """File -> plan; unknown fields are ignored. Raises FormatError."""
    try:
        fields = json.loads(path.read_text())
        if fields.pop("format") != PLAN_FORMAT:
            raise FormatError(str(path), None, f"not a plan of the form {PLAN_FORMAT}.")
        known = {name: value for name, value in fields.items() if name in Plan.__dataclass_fields__}
        known["faults"] = tuple(
            PlannedFault(
                name=fault["name"],
                nodes=tuple(fault["nodes"]),
                at_s=float(fault["at_s"]),
                for_s=float(fault["for_s"]),
                aim=str(fault.get("aim", "")),
                moment=str(fault.get("moment", "")),
                patience_s=fault.get("patience_s"),
            )
            for fault in known.get("faults", ())
        )
        known["not_tested"] = tuple(known.get("not_tested", ()))
        known["guarantee"] = Guarantee(known.get("guarantee", Guarantee.LINEARIZABLE))
        known["ttl_refresh"] = Refresh(known.get("ttl_refresh", Refresh.ACCESS))
        return Plan(**known)
    except OSError as error:
        raise FormatError(str(path), None, f"cannot be read ({error.strerror}).") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise FormatError(str(path), None, f"not a plan of a run ({error}).") from error

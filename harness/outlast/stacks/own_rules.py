"""What an outlast.yaml says of the runs themselves: how much load, which limits, and what is excused until when."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Limit = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Above = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Whole = Annotated[int, Field(ge=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LoadRules(_Part):
    """Over an experiment's own load; what is absent stays as the experiment has it."""

    sessions: Whole | None = None
    users: Whole | None = None
    seconds: Above | None = None
    rate: Above | None = None
    login_rate: Above | None = None
    minimum_rate: Above | None = None
    timeout_s: Above | None = None

    @property
    def given(self) -> Mapping[str, float]:
        """What is said."""
        return self.model_dump(exclude_none=True)


class Waiver(_Part):
    """A gate that is excused, in one experiment or in all, for a reason and until a day."""

    gate: str
    experiment: str | None = None
    reason: Annotated[str, Field(min_length=3)]
    until: datetime.date


class ExperimentRules(_Part):
    """What holds for one experiment, over what holds for all."""

    gates: dict[str, Limit | None] = {}


@dataclass(frozen=True, slots=True)
class GatesSaid:
    """gates: limits by name, None for one that is off; notes: what the verdict must say beside it."""

    gates: Mapping[str, float | None]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """All that an outlast.yaml says of its runs."""

    load: Mapping[str, float]
    gates: Mapping[str, float | None]
    experiments: Mapping[str, ExperimentRules]
    waivers: tuple[Waiver, ...]

    def gates_of(self, experiment: str, today: datetime.date) -> GatesSaid:
        """The gates of an experiment on a day. A waiver whose day is over excuses nothing, and is told."""
        own = self.experiments.get(experiment)
        gates: dict[str, float | None] = {**self.gates, **(own.gates if own else {})}
        notes = []
        for waiver in self.waivers:
            if waiver.experiment not in (None, experiment):
                continue
            if waiver.until < today:
                notes.append(f"the waiver of {waiver.gate} ended on {waiver.until}: it excuses nothing any more")
                continue
            gates[waiver.gate] = None
            notes.append(f"{waiver.gate}: waived until {waiver.until} ({waiver.reason})")
        return GatesSaid(gates, tuple(notes))
